//! `npyrec stats`.

use std::fs;

use insta::assert_snapshot;
use serde_json::Value;

use crate::{
    numpy::{self, python},
    run::{command, finish, npyrec},
    sample::folder,
};

#[test]
fn columns_are_summed_up_in_a_table() {
    let dir = folder();
    assert_snapshot!(npyrec(dir.path(), &["stats", "ticks.npy"]).answer());
    let mut narrow = command(
        dir.path(),
        &["stats", "ticks.npy", "-c", "price,size,at.city"],
    );
    let narrow = finish(narrow.env("COLUMNS", "80"));
    assert_snapshot!("narrow", format!("{}{}", narrow.out, narrow.err));
    assert_snapshot!(
        "json",
        npyrec(dir.path(), &["stats", "--json", "all.npz:ticks"]).answer()
    );
}

/// The columns of a file of one type each, with what NumPy computes of them.
const PROGRAM: &str = "
import json, numpy as np
rng = np.random.default_rng(7)
n = {n}
a = np.zeros(n, [('f', '<f8'), ('h', '<f2'), ('i', '<i8'), ('u', '>u2'), ('t', '<M8[ns]'), ('d', '<m8[us]'),
                 ('b', '?'), ('v', '<f4', (3,))])
a['f'] = rng.normal(5, 100, n); a['f'][::7] = np.nan
a['h'] = rng.uniform(-1, 1, n)
a['i'] = rng.integers(-2**62, 2**62, n)
a['u'] = rng.integers(0, 50, n)
a['t'] = np.datetime64('2026-01-01') + rng.integers(0, 10**15, n).astype('m8[ns]'); a['t'][3] = 'NaT'
a['d'] = rng.integers(-10**9, 10**9, n).astype('m8[us]')
a['b'] = rng.integers(0, 2, n)
a['v'] = rng.normal(size=(n, 3))
np.save('a.npy', a)
def stats(x):
    x = x.ravel()
    unit = x.dtype.kind in 'mM'
    missing = np.isnat(x) if unit else np.isnan(x)
    x = x[~missing]
    numbers = (x - x[0]).astype('<i8').astype('<f8') if unit else x.astype('<f8')
    def back(y):
        return str(x[0] + np.array(int(round(y)), 'm8[%s]' % np.datetime_data(x.dtype)[0])) \
            if x.dtype.kind == 'M' else float(y) + (int(x[0].astype('<i8')) if unit else 0)
    def plain(y):
        return str(y) if x.dtype.kind == 'M' else int(y.astype('<i8')) if unit else y.item()
    q = [back(np.quantile(numbers, q)) for q in (.01, .25, .5, .75, .99)]
    return dict(count=len(x), missing=int(missing.sum()), min=plain(x.min()), max=plain(x.max()),
        mean=back(numbers.mean()), std=float(numbers.std()), q=q, distinct=len(np.unique(x)))
print(json.dumps({name: stats(a[name]) for name in a.dtype.names}))
";

/// Compares two numbers, or two times of which the last digits may differ.
fn is_close(found: &Value, expected: &Value, tolerance: f64) -> bool {
    match (found.as_f64(), expected.as_f64()) {
        _ if found == expected => true,
        (Some(found), Some(expected)) => {
            (found - expected).abs() <= tolerance * expected.abs().max(1e-3)
        }
        _ => match (found.as_str(), expected.as_str()) {
            // To the minute.
            (Some(found), Some(expected)) => found.get(..16) == expected.get(..16),
            _ => false,
        },
    }
}

#[test]
fn statistics_are_those_of_numpy() {
    let Some(python) = python() else { return };
    let dir = tempfile::tempdir().unwrap();
    let expected = numpy::run(python, dir.path(), &PROGRAM.replace("{n}", "20000"));
    let expected: Value = serde_json::from_str(&expected).unwrap();
    let found = npyrec(dir.path(), &["stats", "--json", "a.npy"]).json();
    for column in found["columns"].as_array().unwrap() {
        let name = column["name"].as_str().unwrap();
        let expected = &expected[name];
        for key in ["count", "missing"] {
            assert_eq!(column[key], expected[key], "{name} {key}");
        }
        for key in ["min", "max", "mean", "std"] {
            let (found, expected) = (&column[key], &expected[key]);
            assert!(
                is_close(found, expected, 1e-6),
                "{name} {key}: {found}, {expected}"
            );
        }
        let distinct = expected["distinct"]
            .as_u64()
            .filter(|&distinct| distinct <= 10_000);
        assert_eq!(column["distinct"].as_u64(), distinct, "{name}");
        assert_eq!(column["quantiles_are_exact"], true);
        if name == "b" {
            continue;
        }
        for (nth, part) in ["0.01", "0.25", "0.5", "0.75", "0.99"].iter().enumerate() {
            let (found, expected) = (&column["quantiles"][part], &expected["q"][nth]);
            assert!(
                is_close(found, expected, 1e-6),
                "{name} {part}: {found}, {expected}"
            );
        }
    }
}

#[test]
fn quantiles_of_many_values_are_close_and_marked() {
    let dir = tempfile::tempdir().unwrap();
    // Shuffled, so that each part of them is like the whole.
    let values: Vec<u32> = (0..2_500_000_u64)
        .map(|n| (n * 1_000_003 % 2_500_000) as u32)
        .collect();
    npyrec::write(dir.path().join("many.npy"), &values).unwrap();
    let column = npyrec(dir.path(), &["stats", "--json", "many.npy"]).json()["columns"][0].clone();
    assert_eq!(column["quantiles_are_exact"], false);
    assert_eq!(column["distinct"], Value::Null);
    for part in ["0.01", "0.25", "0.5", "0.75", "0.99"] {
        let exact = part.parse::<f64>().unwrap() * 2_499_999.0;
        let found = column["quantiles"][part].as_f64().unwrap();
        assert!(
            (found - exact).abs() < 2_500.0,
            "{part}: {found}, exact {exact}"
        );
    }
    let text = npyrec(dir.path(), &["stats", "many.npy"]).answer();
    assert!(text.contains("  ~"), "{text}");
}

#[test]
fn quantiles_of_many_infinities_are_infinities() {
    let dir = tempfile::tempdir().unwrap();
    let values = [
        f64::NEG_INFINITY,
        f64::NEG_INFINITY,
        1e308,
        f64::INFINITY,
        f64::INFINITY,
    ];
    let values: Vec<f64> = values.into_iter().cycle().take(2_200_000).collect();
    npyrec::write(dir.path().join("many.npy"), &values).unwrap();
    let column = npyrec(dir.path(), &["stats", "--json", "many.npy"]).json()["columns"][0].clone();
    assert_eq!(column["quantiles_are_exact"], false);
    assert_eq!(column["quantiles"]["0.25"], "-Infinity");
    assert_eq!(column["quantiles"]["0.5"], 1e308);
    assert_eq!(column["quantiles"]["0.75"], "Infinity");
    assert_eq!(
        (&column["mean"], &column["std"]),
        (&"NaN".into(), &"NaN".into())
    );
}

#[test]
fn quantiles_of_many_large_values_are_finite() {
    let dir = tempfile::tempdir().unwrap();
    // Shuffled, from the least to the largest number.
    let values: Vec<f64> = (0..2_200_000_u64)
        .map(|n| ((n * 1_000_003 % 2_200_000) as f64 / 1_099_999.5 - 1.0) * f64::MAX)
        .collect();
    npyrec::write(dir.path().join("many.npy"), &values).unwrap();
    let column = npyrec(dir.path(), &["stats", "--json", "many.npy"]).json()["columns"][0].clone();
    assert_eq!(column["quantiles_are_exact"], false);
    for part in ["0.01", "0.25", "0.5", "0.75", "0.99"] {
        let exact = 2.0 * part.parse::<f64>().unwrap() - 1.0;
        let found = column["quantiles"][part].as_f64().unwrap() / f64::MAX;
        assert!(
            (found - exact).abs() < 0.002,
            "{part}: {found}, exact {exact}"
        );
    }
}

#[test]
fn quantiles_of_many_values_are_within_their_range() {
    let dir = tempfile::tempdir().unwrap();
    for value in [0.1, f64::MAX, -1e305, 1e-310] {
        npyrec::write(dir.path().join("many.npy"), &vec![value; 2_200_000]).unwrap();
        let column =
            npyrec(dir.path(), &["stats", "--json", "many.npy"]).json()["columns"][0].clone();
        assert_eq!(column["quantiles_are_exact"], false);
        for part in ["0.01", "0.25", "0.5", "0.75", "0.99"] {
            assert_eq!(column["quantiles"][part], value, "{part}");
        }
        fs::remove_file(dir.path().join("many.npy")).unwrap();
    }
}

#[test]
fn a_quantile_between_the_largest_numbers_is_finite() {
    let dir = tempfile::tempdir().unwrap();
    npyrec::write(dir.path().join("two.npy"), &[f64::MIN, f64::MAX]).unwrap();
    let column = npyrec(dir.path(), &["stats", "--json", "two.npy"]).json()["columns"][0].clone();
    assert_eq!(column["quantiles"]["0.5"], 0.0);
    let quarter = column["quantiles"]["0.25"].as_f64().unwrap();
    assert!((quarter / f64::MIN - 0.5).abs() < 1e-15, "{quarter}");
}
