//! The examples, run as a user runs them.

use std::{
    env,
    fs::{self, File},
    path::{Path, PathBuf},
};

use npyrec::Header;
use serde_json::json;

use crate::{numpy::numpy, process};

/// Returns the program that `cargo test` built beside this one.
pub fn example(name: &str) -> PathBuf {
    let test = env::current_exe().unwrap();
    let program = test
        .parent()
        .and_then(Path::parent)
        .unwrap()
        .join("examples")
        .join(name);
    program.with_extension(env::consts::EXE_EXTENSION)
}

/// Runs an example in a folder, and returns what it printed.
pub fn run(name: &str, arguments: &[&str], folder: &Path) -> String {
    let program = example(name);
    assert!(
        program.exists(),
        "`cargo build --examples` builds {program:?}"
    );
    let output = process::program(&program)
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn telemetry_logs_this_machine_and_continues() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("telemetry.npy");
    let rows = || {
        Header::read_from(&mut File::open(&path).unwrap())
            .unwrap()
            .rows()
            .unwrap()
    };
    let first = run("telemetry", &["--seconds", "0.6"], dir.path());
    let before = rows();
    assert!(
        first.contains(&format!("telemetry.npy: 0 rows before, {before} now")),
        "{first}"
    );
    assert!(
        first.contains("{'descr': [('time', '<M8[us]'), ('cpu', '<f4')"),
        "{first}"
    );
    let second = run("telemetry", &["--seconds", "0"], dir.path());
    let after = before + 1;
    assert!(
        second.contains(&format!("telemetry.npy: {before} rows before, {after} now")),
        "{second}"
    );
    let Some(mut numpy) = numpy() else { return };
    let code = "a = np.load(path)\n\
                age = np.datetime64('now', 'us') - a['time']\n\
                answer = [len(a), bool((np.diff(a['time']) > np.timedelta64(0, 'us')).all()),\n\
                          bool((abs(age) < np.timedelta64(1, 'h')).all()), bool((a['memory_used'] > 0).all())]";
    assert_eq!(numpy.python(&path, code), json!([after, true, true, true]));
    assert_eq!(fs::read(&path).unwrap(), numpy.resave(&path));
}

#[test]
fn ticks_are_read_back_by_numpy() {
    let dir = tempfile::tempdir().unwrap();
    let printed = run("ticks", &["ticks.npy"], dir.path());
    insta::assert_snapshot!(printed.lines().next().unwrap());
    let Some(mut numpy) = numpy() else { return };
    let code = "a = np.load(path, mmap_mode='r')\n\
                answer = [len(a), a['symbol'][0].decode(), str(a['time'][99]), float(a['depth'][10].sum())]";
    assert_eq!(
        numpy.python(&dir.path().join("ticks.npy"), code),
        json!([100, "BTCUSD", "2023-11-14T22:13:20.099000000", 19.0])
    );
}

#[test]
fn the_tone_of_complex_f16_is_found_by_numpy() {
    let dir = tempfile::tempdir().unwrap();
    let printed = run("complex_f16", &["iq.npy"], dir.path());
    assert!(
        printed.starts_with("iq.npy: 64 blocks of 256 samples"),
        "{printed}"
    );
    let Some(mut numpy) = numpy() else { return };
    let code = "a = np.load(path)\n\
                spectrum = np.abs(np.fft.fft(a['iq'].ravel()))\n\
                answer = [str(a['gain'].dtype), float(a['gain'][0]), float(spectrum.argmax() / a['iq'].size)]";
    let answer = numpy.python(&dir.path().join("iq.npy"), code);
    assert_eq!(answer, json!(["float16", 0.75, 0.125]));
}

#[cfg(target_os = "linux")]
#[test]
fn the_service_closes_its_log_when_it_is_told_to_end() {
    use std::{io::BufRead, process::Stdio};

    use rustix::process::{Pid, Signal, kill_process};
    let dir = tempfile::tempdir().unwrap();
    let mut rows = 0;
    for signal in [Signal::TERM, Signal::INT, Signal::KILL, Signal::TERM] {
        let mut service = process::program(&example("service"));
        service
            .arg("load.npy")
            .current_dir(dir.path())
            .stdout(Stdio::piped());
        let mut service = service.spawn().unwrap();
        let mut lines = std::io::BufReader::new(service.stdout.take().unwrap()).lines();
        let mut line = || lines.next().map(Result::unwrap);
        assert!(
            line()
                .unwrap()
                .contains(&format!("load.npy: {rows} rows before"))
        );
        kill_process(Pid::from_child(&service), signal).unwrap();
        let last = line();
        let is_success = service.wait().unwrap().success();
        assert_eq!(is_success, signal != Signal::KILL);
        rows = npyrec::check(dir.path().join("load.npy")).unwrap().rows();
        if is_success {
            assert_eq!(
                last,
                Some(format!("load.npy: {rows} rows, all on the device"))
            );
        }
    }
    assert!(rows >= 3);
}

#[cfg(feature = "background")]
#[test]
fn background_logs_from_several_threads() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(run("background", &[], dir.path()), "4000 events\n");
    let Some(mut numpy) = numpy() else { return };
    let code = "a = np.load(path)\n\
                answer = [a['step'][a['worker'] == i].tolist() == list(range(1000)) for i in range(4)]";
    let path = dir.path().join("events.npy");
    assert_eq!(numpy.python(&path, code), json!([true, true, true, true]));
}

#[test]
fn schema_snapshot_prints_the_header_it_pins() {
    let dir = tempfile::tempdir().unwrap();
    insta::assert_snapshot!(run("schema_snapshot", &[], dir.path()));
}

#[test]
fn inspect_prints_any_file_as_json() {
    let dir = tempfile::tempdir().unwrap();
    let rows = [(1_u8, [1.5_f32, 2.5]), (2, [3.5, 4.5]), (3, [5.5, 6.5])];
    npyrec::write(dir.path().join("rows.npy"), &rows).unwrap();
    insta::assert_snapshot!(run("inspect", &["rows.npy", "2"], dir.path()), @r#"
    {'descr': [('f0', '|u1'), ('f1', '<f4', (2,))], 'fortran_order': False, 'shape': (3,), }
    {"f0":1,"f1":[1.5,2.5]}
    {"f0":2,"f1":[3.5,4.5]}
    "#);
}

#[test]
fn many_saves_are_read_by_numpy_and_stacked() {
    let dir = tempfile::tempdir().unwrap();
    insta::assert_snapshot!(run("many_saves", &["epochs.npy"], dir.path()), @r"
    byte 0: [[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]]
    byte 152: [[[10.0, 11.0, 12.0], [13.0, 14.0, 15.0]]]
    byte 304: [[[20.0, 21.0, 22.0], [23.0, 24.0, 25.0]]]
    3 epochs in stacked.npy
    ");
    let Some(mut numpy) = numpy() else { return };
    let path = dir.path().join("stacked.npy");
    let code = "with open(path.replace('stacked', 'epochs'), 'rb') as file:\n\
                \x20   arrays = [np.load(file) for _ in range(3)]\n\
                np.save(path + '.expected.npy', np.concatenate(arrays))\n\
                answer = list(np.load(path).shape)";
    assert_eq!(numpy.python(&path, code), json!([3, 2, 3]));
    let expected = fs::read(dir.path().join("stacked.npy.expected.npy")).unwrap();
    assert_eq!(fs::read(&path).unwrap(), expected);
}

#[test]
fn append_arrays_appends_arrays_of_any_layout() {
    let dir = tempfile::tempdir().unwrap();
    let rows = "[[1, 2],\n [3, 4],\n [1, 2],\n [3, 4],\n [5, 6],\n [1, 2],\n [3, 4],\n [5, 6]]\n";
    assert_eq!(run("append_arrays", &["out.npy"], dir.path()), rows);
    let Some(mut numpy) = numpy() else { return };
    let path = dir.path().join("out.npy");
    let answer = numpy.python(&path, "answer = np.load(path).tolist()");
    let rows = [
        [1, 2],
        [3, 4],
        [1, 2],
        [3, 4],
        [5, 6],
        [1, 2],
        [3, 4],
        [5, 6],
    ];
    assert_eq!(answer, json!(rows));
    assert_eq!(fs::read(&path).unwrap(), numpy.resave(&path));
}

#[test]
fn earray_is_extended_twice_and_read_in_part() {
    let dir = tempfile::tempdir().unwrap();
    let printed = run("earray", &["earray.npy"], dir.path());
    let Some(mut numpy) = numpy() else { return };
    let code = "a = np.load(path)\nanswer = [a.shape, a[1:10, 2:20].tolist()]";
    let answer = numpy.python(&dir.path().join("earray.npy"), code);
    assert_eq!(answer[0], json!([20, 20]));
    let expected: Vec<f64> = serde_json::from_value::<Vec<Vec<f64>>>(answer[1].clone())
        .unwrap()
        .concat();
    let separators = [' ', ',', '[', ']', '\n'];
    let numbers = printed
        .split(separators)
        .filter(|number| !number.is_empty());
    let numbers: Vec<f64> = numbers.map(|number| number.parse().unwrap()).collect();
    assert_eq!(numbers, expected);
    assert_eq!(numbers.len(), 9 * 18);
}
