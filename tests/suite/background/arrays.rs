//! Rows of arrays, and values.

use super::*;

#[test]
fn arrays_are_logged_by_whole_rows() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("frames.npy");
    for order in [Order::C, Order::Fortran] {
        for capacity in [1, 4, 1_000] {
            let frames = AppendOptions::new().order(order);
            let frames = frames.create_array::<u16>(&path, &[2, 3]).unwrap();
            let (log, guard) = frames.into_background(options().capacity(capacity));
            let element = |row: u16, nth: u16| row * 6 + nth;
            let rows = |rows: std::ops::Range<u16>| {
                rows.flat_map(|row| (0..6).map(move |nth| element(row, nth)))
                    .collect::<Vec<_>>()
            };
            log.log(rows(0..1)).unwrap();
            log.log(Vec::new()).unwrap();
            log.log(rows(1..4)).unwrap();
            // Neither of these is a whole number of rows.
            log.log(vec![9; 5]).unwrap();
            log.log(vec![9; 13]).unwrap();
            log.try_log(rows(4..5))
                .unwrap_or_else(|error| log.log(error.into_record()).unwrap());
            let error = log.flush().unwrap_err();
            assert!(
                error
                    .to_string()
                    .contains("5 elements are 0 rows of 6 elements"),
                "{error}"
            );
            assert_eq!(error.refused(), Some(2));
            log.log(rows(5..9)).unwrap();
            assert_eq!(log.accepted(), 7);
            assert_eq!(guard.close().unwrap_err().refused(), Some(2));
            assert_eq!((log.refused(), log.pending()), (2, 0));
            let file = NpyFile::open(&path).unwrap();
            let shape = if order == Order::C {
                [9, 2, 3]
            } else {
                [2, 3, 9]
            };
            assert_eq!(file.shape(), shape);
            let bytes = std::fs::read(&path).unwrap();
            let data = bytes[file.header().to_bytes().len()..].chunks(2);
            let data = data.map(|bytes| u16::from_le_bytes([bytes[0], bytes[1]]));
            assert!(data.eq(rows(0..9)));
        }
    }
    let Some(mut numpy) = numpy() else { return };
    let answer =
        "a = np.load(path)\nanswer = [a.shape, bool((a.ravel('F') == np.arange(54)).all())]";
    assert_eq!(numpy.python(&path, answer), json!([[2, 3, 9], true]));
}

#[test]
fn an_element_that_does_not_fit_refuses_its_item_from_that_row_on() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("elements.npy");
    for act in [(|| Act::Refuse) as fn() -> Act, || Act::Panic] {
        let pairs = ArrayAppender::<Acting>::create(&path, &[2]).unwrap();
        let (errors, options) = note_errors(options());
        let (log, guard) = pairs.into_background(options);
        log.log(vec![plain(0), plain(1)]).unwrap();
        log.log(vec![plain(2), Acting(3, act())]).unwrap();
        let item = (4..10).map(|n| Acting(n, if n == 7 { act() } else { Act::Plain }));
        log.log(item.collect()).unwrap();
        log.log((10..14).map(plain).collect()).unwrap();
        let error = guard.close().unwrap_err();
        assert_eq!((error.refused(), error.row()), (Some(2), Some(1)));
        assert_eq!((log.refused(), log.pending()), (2, 0));
        assert_eq!(errors.lock().unwrap().len(), 2);
        let rows = npyrec::read::<[u64; 2]>(&path).unwrap();
        assert_eq!(rows, [[0, 1], [4, 5], [10, 11], [12, 13]]);
    }
}

#[test]
fn values_are_logged() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("values.npy");
    let values = Appender::create_with_dtype(&path, &"<u2".parse().unwrap()).unwrap();
    let (log, guard) = values.into_background(options());
    for number in [1_u64, 2, 70_000, 4] {
        log.log(Value::from(number)).unwrap();
    }
    let error = guard.close().unwrap_err();
    assert_eq!((error.refused(), error.row()), (Some(1), Some(2)));
    assert_eq!(npyrec::read::<u16>(&path).unwrap(), [1, 2, 4]);
}
