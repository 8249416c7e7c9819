//! What the command line says.

use std::{fmt::Display, path::PathBuf, str::FromStr};

use crate::{workload::Workload, workloads};

pub(crate) struct Arguments {
    pub(crate) folder: PathBuf,
    pub(crate) rounds: usize,
    pub(crate) only: Vec<String>,
    pub(crate) scale: f64,
    pub(crate) python: Option<PathBuf>,
}

impl Arguments {
    pub(crate) fn parse(given: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Arguments {
            folder: concat!(env!("CARGO_MANIFEST_DIR"), "/target").into(),
            rounds: 5,
            only: Vec::new(),
            scale: 1.0,
            python: None,
        };
        let mut given = given.into_iter();
        while let Some(name) = given.next() {
            let mut value = || given.next().ok_or_else(|| format!("{name} what?"));
            match &*name {
                "--rounds" => arguments.rounds = number(&value()?)?,
                "--only" => arguments.only.push(workload(value()?)?),
                "--scale" => arguments.scale = number(&value()?)?,
                "--python" => arguments.python = Some(value()?.into()),
                _ if name.starts_with('-') => return Err(format!("there is no {name}")),
                _ => arguments.folder = name.into(),
            }
        }
        Ok(arguments)
    }

    pub(crate) fn workloads(&self) -> impl Iterator<Item = &'static Workload> {
        let wanted = |name| self.only.is_empty() || self.only.iter().any(|only| only == name);
        let all = workloads::ALL.iter().copied();
        all.filter(move |workload| wanted(workload.name))
    }
}

fn number<T: FromStr<Err: Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error| format!("{text}: {error}"))
}

fn workload(name: String) -> Result<String, String> {
    let names = || workloads::ALL.iter().map(|workload| workload.name);
    match names().any(|known| known == name) {
        true => Ok(name),
        false => Err(format!(
            "there is no workload {name}, but: {}",
            names().collect::<Vec<_>>().join(", ")
        )),
    }
}
