#!/bin/sh
# What deriving costs: 100 structs of 20 fields that derive `NpyRecord`, `serde::Serialize`, both of
# serde's traits, or nothing, each in a library of its own, and a program that uses each struct once.
#
#     benches/peers/compile_time.sh [FOLDER]
#
# Times are seconds of the processor, user and system, for the crate alone: its dependencies are built
# before. Each is the median of five builds, in which the kinds take turns. Sizes are those of the
# program's code and constants, for each struct: of 101 structs less those of one, divided by 100.
set -eu

peers=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$peers/target/compile_time}
kinds='none npyrec serialize serialize_deserialize'
rounds='1 2 3 4 5'

# generate FOLDER KIND STRUCTS
generate() {
    mkdir -p "$1/src"
    derive='' use=''
    case $2 in
    none)
        use='std::hint::black_box(&R::default());'
        bound='Default'
        ;;
    npyrec)
        derive=', npyrec::NpyRecord'
        use='npyrec::write(&path, &[R::default()]).unwrap();'
        bound='Default + npyrec::NpyRecord'
        ;;
    serialize)
        derive=', serde::Serialize'
        use='std::fs::write(&path, serde_json::to_vec(&R::default()).unwrap()).unwrap();'
        bound='Default + serde::Serialize'
        ;;
    serialize_deserialize)
        derive=', serde::Serialize, serde::Deserialize'
        use='std::fs::write(&path, serde_json::to_vec(&R::default()).unwrap()).unwrap();
    let record: R = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    std::hint::black_box(&record);'
        bound='Default + serde::Serialize + serde::de::DeserializeOwned'
        ;;
    esac
    cat >"$1/Cargo.toml" <<TOML
[package]
name = "structs"
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
            for _ in 1 2; do
                for type in i64 f64 f32 u32 u64 i16 u8 bool '[f32; 3]' i32; do
                    field=$((field + 1))
                    printf '    pub field_%d: %s,\n' "$field" "$type"
                done
            done
            printf '}\n'
        done
    } >"$1/src/lib.rs"
    {
        printf 'use structs::*;\n\nfn use_it<R: %s>(path: &str) {\n    let _ = path;\n    %s\n}\n\n' "$bound" "$use"
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

build() {
    CARGO_TARGET_DIR=$folder/target/$1 cargo build -q --offline --manifest-path "$folder/$2/Cargo.toml" $3 $4
}

# The median of the lines of a file.
median() {
    sort -n "$1" | sed -n 3p
}

# The code and constants of a program, and its start data.
size_of() {
    size "$1" | awk 'NR == 2 { print $1 + $2 }'
}

for kind in $kinds; do
    generate "$folder/$kind" "$kind" 101
    generate "$folder/$kind-1" "$kind" 1
    CARGO_TARGET_DIR=$folder/target/$kind cargo build -q --manifest-path "$folder/$kind/Cargo.toml"
    build "$kind" "$kind-1" --release ''
    cp "$folder/target/$kind/release/structs" "$folder/$kind-1/structs"
    build "$kind" "$kind" --release ''
done
rm -f "$folder"/*.times
for round in $rounds; do
    for kind in $kinds; do
        for profile in debug release; do
            flag=$(test "$profile" = debug || echo --release)
            touch "$folder/$kind/src/lib.rs"
            seconds build "$kind" "$kind" --lib "$flag" >>"$folder/$kind-$profile-lib.times"
            seconds build "$kind" "$kind" --bins "$flag" >>"$folder/$kind-$profile-bin.times"
        done
    done
    echo "round $round" >&2
done

echo '| derived by 101 structs of 20 fields | library, debug | program, debug | library, release | program, release | code of a struct |'
echo '| --- | --: | --: | --: | --: | --: |'
for kind in $kinds; do
    case $kind in
    none) name='nothing' ;;
    npyrec) name='`NpyRecord`, and `npyrec::write` of each' ;;
    serialize) name='`serde::Serialize`, and `serde_json::to_vec` of each' ;;
    serialize_deserialize) name='`serde::Serialize` and `Deserialize`, and `serde_json::{to_vec, from_slice}` of each' ;;
    esac
    one=$(size_of "$folder/$kind-1/structs")
    all=$(size_of "$folder/target/$kind/release/structs")
    printf '| %s |' "$name"
    for profile in debug release; do
        for part in lib bin; do
            printf ' %s s |' "$(median "$folder/$kind-$profile-$part.times")"
        done
    done
    printf ' %d bytes |\n' $(((all - one) / 100))
done
