#!/bin/sh
# What deriving costs: 101 structs of 20 fields in a library, that derive `NpyRecord`, a trait of serde's,
# both of them, or nothing, and a program that uses each struct once.
#
#     benches/peers/compile_time.sh [FOLDER [ROUNDS]]
#
# Times are seconds of the processor, user and system, for the crate alone: its dependencies are built
# before. Each is the median of five builds, or of ROUNDS, in which the kinds take turns. Sizes are those of the
# program's code and constants, for each struct: of 101 structs less those of one, divided by 100.
set -eu

peers=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$peers/target/compile_time}
kinds='none npyrec npyrec_read serialize serialize_deserialize'
rounds=${2:-5}

# A build after a change is to be a whole one, and no dependency built twice.
export CARGO_INCREMENTAL=0
export CARGO_TARGET_DIR="$folder/target"

# Ten types; no struct is like another, whose code could then take the place of its own.
types() {
    first=$1
    for type in $(seq 10); do
        set -- i64 f64 f32 u32 u64 i16 u8 bool '[f32;3]' i32
        shift $(((first + type) % 10))
        echo "$1"
    done
}

# generate FOLDER KIND STRUCTS
generate() {
    mkdir -p "$1/src"
    derive='' use=''
    case $2 in
    none)
        use='std::hint::black_box(&R::default());'
        bound='Default'
        ;;
    npyrec*)
        derive=', npyrec::NpyRecord'
        use='let mut rows = npyrec::Appender::create(path).unwrap();
    rows.append(&R::default()).unwrap();
    rows.close().unwrap();'
        bound='Default + npyrec::NpyRecord'
        ;;
    serialize)
        derive=', serde::Serialize'
        use='std::fs::write(path, serde_json::to_vec(&R::default()).unwrap()).unwrap();'
        bound='Default + serde::Serialize'
        ;;
    serialize_deserialize)
        derive=', serde::Serialize, serde::Deserialize'
        use='std::fs::write(path, serde_json::to_vec(&R::default()).unwrap()).unwrap();
    let record: R = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    std::hint::black_box(&record);'
        bound='Default + serde::Serialize + serde::de::DeserializeOwned'
        ;;
    esac
    if [ "$2" = npyrec_read ]; then
        use="$use
    std::hint::black_box(&npyrec::read::<R>(path).unwrap());"
    fi
    cat >"$1/Cargo.toml" <<TOML
[package]
name = "$2_$3"
version = "0.0.0"
edition = "2024"

[dependencies]
npyrec = { path = "$peers/../.." }
serde = { version = "1", features = ["derive"] }
serde_json = "1"

[workspace]
TOML
    {
        for nth in $(seq "$3"); do
            printf '#[derive(Default%s)]\npub struct S%d {\n' "$derive" "$nth"
            field=0
            for type in $(types "$nth") $(types "$nth"); do
                field=$((field + 1))
                printf '    pub field_%d_%d: %s,\n' "$nth" "$field" "$type"
            done
            printf '}\n'
        done
    } >"$1/src/lib.rs"
    {
        printf 'use %s::*;\n\nfn use_it<R: %s>(path: &str) {\n    let _ = path;\n    %s\n}\n\n' "$2_$3" "$bound" "$use"
        printf 'fn main() {\n    let path = std::env::args().nth(1).unwrap_or_default();\n'
        for nth in $(seq "$3"); do
            printf '    use_it::<S%d>(&path);\n' "$nth"
        done
        printf '}\n'
    } >"$1/src/main.rs"
}

# Seconds of the processor that a command takes.
seconds() {
    before=$(awk '{ print $16 + $17 }' "/proc/$$/stat")
    "$@" 2>/dev/null >&2
    after=$(awk '{ print $16 + $17 }' "/proc/$$/stat")
    echo "$before $after $(getconf CLK_TCK)" | awk '{ printf "%.2f\n", ($2 - $1) / $3 }'
}

# build FOLDER lib|bins dev|release
build() {
    cargo build -q --manifest-path "$folder/$1/Cargo.toml" "--$2" --profile "$3"
}

# The median of the lines of a file.
median() {
    sort -n "$1" | sed -n "$(((rounds + 1) / 2))p"
}

# The code and constants of a program, and its start data.
size_of() {
    size "$1" | awk 'NR == 2 { print $1 + $2 }'
}

for kind in $kinds; do
    for structs in 1 101; do
        generate "$folder/$kind-$structs" "$kind" "$structs"
        build "$kind-$structs" bins release
    done
    build "$kind-101" bins dev
done
rm -f "$folder"/*.times
for round in $(seq "$rounds"); do
    for kind in $kinds; do
        for profile in dev release; do
            touch "$folder/$kind-101/src/lib.rs"
            for part in lib bins; do
                seconds build "$kind-101" "$part" "$profile" >>"$folder/$kind-$profile-$part.times"
            done
        done
    done
    echo "round $round" >&2
done

echo '| 101 structs of 20 fields derive | library, debug | program, debug | library, release | program, release | code of a struct |'
echo '| --- | --: | --: | --: | --: | --: |'
for kind in $kinds; do
    case $kind in
    none) name='nothing' ;;
    npyrec) name='`NpyRecord`, to append one' ;;
    npyrec_read) name='`NpyRecord`, to append one and read a file' ;;
    serialize) name='`serde::Serialize`, to write one by `serde_json`' ;;
    serialize_deserialize) name='`Serialize` and `Deserialize`, to write and read one by `serde_json`' ;;
    esac
    one=$(size_of "$CARGO_TARGET_DIR/release/${kind}_1")
    all=$(size_of "$CARGO_TARGET_DIR/release/${kind}_101")
    printf '| %s |' "$name"
    for profile in dev release; do
        for part in lib bins; do
            printf ' %s s |' "$(median "$folder/$kind-$profile-$part.times")"
        done
    done
    printf ' %d bytes |\n' $(((all - one) / 100))
done
