//! The dtype model, its type strings and its descr.

use npyrec::{ByteOrder, DType, DateUnit, Field, Kind, Scalar, TimeUnit};
use proptest::{prelude::*, strategy::ValueTree};
use serde_json::json;

use crate::numpy::numpy;

fn any_unit() -> impl Strategy<Value = TimeUnit> {
    let unit = prop::sample::select(vec![
        DateUnit::Year,
        DateUnit::Month,
        DateUnit::Week,
        DateUnit::Day,
        DateUnit::Hour,
        DateUnit::Minute,
        DateUnit::Second,
        DateUnit::Millisecond,
        DateUnit::Microsecond,
        DateUnit::Nanosecond,
        DateUnit::Picosecond,
        DateUnit::Femtosecond,
        DateUnit::Attosecond,
    ]);
    prop_oneof![
        Just(TimeUnit::Generic),
        (prop_oneof![Just(1), 1..=i32::MAX as u32], unit)
            .prop_map(|(count, unit)| TimeUnit::Ticks { count, unit }),
    ]
}

fn any_scalar() -> impl Strategy<Value = Scalar> {
    let kind = prop_oneof![
        Just((Kind::Bool, vec![1])),
        Just((Kind::Int, vec![1, 2, 4, 8])),
        Just((Kind::Uint, vec![1, 2, 4, 8])),
        Just((Kind::Float, vec![2, 4, 8, 16])),
        Just((Kind::Complex, vec![8, 16, 32])),
        any_unit().prop_map(|unit| (Kind::Timedelta(unit), vec![8])),
        any_unit().prop_map(|unit| (Kind::Datetime(unit), vec![8])),
        Just((Kind::Bytes, vec![0, 1, 5, 300])),
        Just((Kind::Str, vec![0, 4, 12])),
    ];
    let order = prop::sample::select(vec![ByteOrder::Little, ByteOrder::Big]);
    let scalar = (kind, order, any::<prop::sample::Index>())
        .prop_map(|((kind, sizes), order, at)| Scalar::new(kind, *at.get(&sizes), order).unwrap());
    let void =
        (0_usize..9).prop_map(|n| Scalar::new(Kind::Void, n, ByteOrder::NotApplicable).unwrap());
    prop_oneof![8 => scalar, 1 => void]
}

fn any_dtype() -> impl Strategy<Value = DType> {
    let leaf = any_scalar().prop_map(DType::Scalar);
    leaf.prop_recursive(3, 24, 5, |inner| {
        let fields =
            prop::collection::btree_map("[a-zé日' ]{1,6}", (inner.clone(), any::<bool>()), 0..5);
        let fields = fields.prop_map(|fields| {
            let fields = fields
                .into_iter()
                .map(|(name, (dtype, titled))| match titled {
                    true => Field::new(&*name, dtype).with_title(name.to_uppercase() + "!"),
                    false => Field::new(name, dtype),
                });
            fields.collect::<Vec<_>>()
        });
        prop_oneof![
            (fields, any::<bool>()).prop_map(|(fields, aligned)| match aligned {
                true => DType::aligned(fields).unwrap(),
                false => DType::packed(fields).unwrap(),
            }),
            (inner, prop::collection::vec(0_usize..4, 0..3)).prop_map(|(base, shape)| {
                DType::subarray(base.clone(), &shape).unwrap_or(base)
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_dtype_is_read_back_from_its_descr(dtype in any_dtype()) {
        let text = dtype.to_string();
        prop_assert_eq!(text.parse::<DType>(), Ok(dtype), "{}", text);
    }

    #[test]
    fn any_dtype_is_read_back_from_its_json(dtype in any_dtype()) {
        let json = serde_json::to_string(&dtype).unwrap();
        prop_assert_eq!(serde_json::from_str::<DType>(&json).unwrap(), dtype, "{}", json);
    }

    #[test]
    fn any_text_is_a_dtype_or_refused(text in "[<>|=biufcSUVMmOaeT?0-9\\[\\]nsuYD(), ']{0,20}") {
        let _ = text.parse::<DType>();
    }
}

#[test]
fn numpy_spells_any_dtype_as_we_do() {
    let Some(mut numpy) = numpy() else { return };
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..300 {
        // NumPy keeps a subarray only within a struct.
        let inner = any_dtype().new_tree(&mut runner).unwrap().current();
        let dtype = DType::packed([Field::new("x", inner)]).unwrap();
        let text = dtype.to_string();
        assert_eq!(
            numpy.ask(json!({"ask": "descr", "text": text})),
            json!(text)
        );
    }
}

#[test]
fn numpy_aligns_fields_as_we_do() {
    let Some(mut numpy) = numpy() else { return };
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..100 {
        let scalars = prop::collection::vec((any_scalar(), 0_usize..3), 0..8);
        let scalars = scalars.new_tree(&mut runner).unwrap().current();
        let fields = scalars
            .into_iter()
            .enumerate()
            .map(|(index, (scalar, dim))| {
                let shape = if dim == 0 { vec![] } else { vec![dim] };
                let scalar = DType::from(scalar);
                let dtype = DType::subarray(scalar.clone(), &shape).unwrap_or(scalar);
                Field::new(format!("f{index}"), dtype)
            });
        let fields: Vec<Field> = fields.collect();
        let packed = DType::packed(fields.clone()).unwrap().to_string();
        let aligned = DType::aligned(fields).unwrap().to_string();
        assert_eq!(
            numpy.ask(json!({"ask": "aligned", "text": packed})),
            json!(aligned)
        );
    }
}

/// Spellings that NumPy reads; the second is how it writes them.
#[test]
fn type_strings_are_read_as_numpy_reads_them() {
    let Some(mut numpy) = numpy() else { return };
    let texts = [
        "i4",
        "<i4",
        ">i4",
        "|i4",
        "=i4",
        "i1",
        ">i1",
        "u8",
        "?",
        "b1",
        "bool",
        "S5",
        "<S5",
        "U3",
        "=U3",
        ">U3",
        "V4",
        "|V4",
        "f2",
        "e",
        "f",
        "d",
        "F",
        "D",
        "float64",
        "complex64",
        "int8",
        "uint64",
        "M8",
        "M8[ns]",
        "M8[1ns]",
        "M8[25us]",
        ">m8[7D]",
        "m8[generic]",
        "M8[μs]",
        "f16",
        "c32",
        "O",
        "|O8",
        "U03",
        "S",
        "U",
        "V",
        "q",
        "Q",
        "h",
        "H",
        "b",
        "B",
        "I",
        "i",
    ];
    for text in texts {
        let ours: DType = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
        let theirs = numpy.ask(json!({"ask": "descr", "text": text}));
        assert_eq!(json!(format!("'{ours}'")), theirs, "{text}");
    }
}

#[test]
fn descrs_are_read_as_numpy_reads_them() {
    let Some(mut numpy) = numpy() else { return };
    let texts = [
        "[]",
        "[('a', '<i4')]",
        "[['a', '<i4']]",
        "[('a', '<i4', 3)]",
        "[('a', '<i4', (3,))]",
        "[('a', '<i4', ())]",
        "[('a', ('<i4', (2,)))]",
        "[('a', ('<i4', (2,)), (3,))]",
        "[(('title', 'a'), '<i4')]",
        "[('', '|V3'), ('a', '<i4'), ('', '|V4', (2,))]",
        "[('', '<f4', (2,)), ('a', '<i4')]",
        "[('', '<i4')]",
        "[('a', [('b', '>c8', (2, 2))], (3,))]",
        "[('a', [])]",
        "[(('', 'b'), '<i4')]",
    ];
    for text in texts {
        let ours: DType = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
        let theirs = numpy.ask(json!({"ask": "descr", "text": text}));
        assert_eq!(json!(ours.to_string()), theirs, "{text}");
    }
}

#[test]
fn what_numpy_refuses_is_refused() {
    let texts = [
        "",
        "x",
        "i3",
        "f12",
        "<bool",
        ">float64",
        "[('a', 'S0', (3,))]",
        "[('a', ('<f4', (0,)), (3,))]",
        "S-1",
        "S2147483648",
        "U536870912",
        "M8[s",
        "M8[]",
        "i4[]",
        "M8[0s]",
        "M8[fortnights]",
        "i4[ns]",
        "<i4 ",
        "T",
        "2<f4,i4, ,",
        "(2)",
        "02f4",
        ",f4",
        "f4,,i4",
        ">2<f4",
        "i4,\u{e9}",
        "M8[-1s]",
        "M8[s/0]",
        "M8[Y/7]",
        "M8[2147483647W/7] ",
        "f 08x",
        "<double",
        "float_",
        "('<i4',)",
        "()",
        "('S', (5,))",
        "('<i4', '<i2')",
        "('<f8', [])",
        "('<f8', True)",
        "(('a', '<i4'), ('b', '<f8'))",
        "[('a', '<i4', None)]",
        "[(['t', 'a'], '<i4')]",
        "[(('t', None), '<i4')]",
        "['ab2']",
        "[('a', [], (65536, 65536))]",
        "[('a',)]",
        "[('a', '<i4', (2,), 0)]",
        "[('a', 3)]",
        "['a']",
        "[3]",
        "('<i4', 'x')",
        "[('a', '<i4'), ('a', '<i4')]",
        "[(('a', 'b'), '<i4'), ('a', '<i4')]",
        "[('a', [('b', 'i3')])]",
        "[('a', '<i4', (-1,))]",
        "[('a', '<i4', ('x',))]",
        "[('a', 'S10', (2147483647,))]",
        "[('a', 'S0', (2147483648,))]",
        "[(('a', 'b', 'c'), '<i4')]",
        "[((1, 'b'), '<i4')]",
        "[(None, '<i4')]",
        "{'a': 1}",
        "[('a', '<i4'",
    ];
    let mut numpy = numpy();
    let mut errors = Vec::new();
    for text in texts {
        errors.push(format!("{text}: {}", text.parse::<DType>().unwrap_err()));
        // NumPy accepts other types that its files never contain, and divides by the zero.
        let ours_alone = ["[((1, 'b'), '<i4')]", "M8[0s]", "M8[s/0]", "T"];
        if let Some(numpy) = numpy.as_mut().filter(|_| !ours_alone.contains(&text)) {
            let theirs = numpy.try_ask(json!({"ask": "descr", "text": text}));
            assert!(theirs.is_err(), "{text}: {theirs:?}");
        }
    }
    insta::assert_snapshot!(errors.join("\n"));
}

#[test]
fn a_model_that_numpy_would_refuse_is_refused() {
    let int = || DType::from(Scalar::new(Kind::Int, 4, ByteOrder::Little).unwrap());
    let duplicate = DType::packed([Field::new("a", int()), Field::new("a", int())]);
    insta::assert_snapshot!(
        duplicate.unwrap_err(),
        @"the name or title `a` appears twice in one struct"
    );
    let large = DType::subarray(int(), &[1 << 30]);
    insta::assert_snapshot!(
        large.unwrap_err(),
        @"the dtype is larger than NumPy's limit of 2147483647 bytes"
    );
    let deep = DType::subarray(int(), &[1; 65]);
    insta::assert_snapshot!(
        deep.unwrap_err(),
        @"the subarray has more than NumPy's limit of 64 dimensions"
    );
    assert!(DType::subarray(int(), &[1; 64]).is_ok());
}

#[test]
fn fields_at_explicit_offsets_have_padding_between_them() {
    let int = || {
        Field::new(
            "a",
            DType::from(Scalar::new(Kind::Int, 4, ByteOrder::Little).unwrap()),
        )
    };
    let byte = || Field::new("b", "u1".parse().unwrap());
    let dtype = DType::placed([(2, int()), (8, byte())], 12).unwrap();
    insta::assert_snapshot!(
        dtype,
        @"[('', '|V2'), ('a', '<i4'), ('', '|V2'), ('b', '|u1'), ('', '|V3')]"
    );
    let errors = [
        DType::placed([(0, int()), (2, byte())], 12).unwrap_err(),
        DType::placed([(4, int()), (0, byte())], 12).unwrap_err(),
        DType::placed([(0, int()), (8, byte())], 8).unwrap_err(),
        DType::placed([(0, int())], usize::MAX).unwrap_err(),
    ];
    insta::assert_snapshot!(errors.map(|e| e.to_string()).join("\n"), @r"
    field `b`: the field starts at byte 2, but the field before it ends at byte 4
    field `b`: the field starts at byte 0, but the field before it ends at byte 8
    the last field ends at byte 9, past the itemsize of 8
    the dtype is larger than NumPy's limit of 2147483647 bytes
    ");
}

#[test]
fn a_tick_of_no_units_does_not_exist() {
    let tick = |count| TimeUnit::Ticks {
        count,
        unit: DateUnit::Second,
    };
    let scalar = |count| Scalar::new(Kind::Datetime(tick(count)), 8, ByteOrder::Little);
    assert!(scalar(1).is_some() && scalar(i32::MAX as u32).is_some());
    assert!(scalar(0).is_none() && scalar(1 << 31).is_none());
}

#[test]
fn a_field_that_would_be_read_as_padding_is_refused() {
    let void: DType = "V4".parse().unwrap();
    let error = DType::packed([Field::new("", void.clone())]).unwrap_err();
    insta::assert_snapshot!(error, @"NumPy reads a void or a subarray without a name as padding; give it a name");
    assert!(DType::packed([Field::new("", DType::subarray(void, &[2]).unwrap())]).is_err());
    assert!(DType::packed([Field::new("", "i4".parse().unwrap())]).is_ok());
}

#[test]
fn the_json_of_a_dtype_is_its_descr() {
    let text = "[('time', '<M8[ns]'), (('unit', 'x'), [('y', '>f8', (2, 3))]), ('', '|V3')]";
    let dtype: DType = text.parse().unwrap();
    insta::assert_json_snapshot!(dtype, @r#"
    [
      [
        "time",
        "<M8[ns]"
      ],
      [
        [
          "unit",
          "x"
        ],
        [
          [
            "y",
            ">f8",
            [
              2,
              3
            ]
          ]
        ]
      ],
      [
        "",
        "|V3"
      ]
    ]
    "#);
}
