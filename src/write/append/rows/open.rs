use std::path::Path;

use super::{
    Conversion, Rows, buffer::Buffer, extent::Extent, file::GrowingFile, schedule::Schedule,
};
use crate::{
    error::{Error, Result},
    storage::{Storage, zeroed},
    write::append::{
        durability::Durability, mode::Mode, open_file::open_file, opened_file::OpenedFile,
        options::AppendOptions, target::Target,
    },
};

impl Rows {
    /// Opens a file, and starts it if it is empty.
    pub(in crate::write::append) fn open(
        path: &Path,
        mode: Mode,
        target: Result<Target>,
        settings: AppendOptions,
    ) -> Result<Self> {
        let rows = target.and_then(|target| Rows::try_open(path, mode, &target, settings));
        rows.map_err(|e| e.at_path(path))
    }

    fn try_open(path: &Path, mode: Mode, target: &Target, settings: AppendOptions) -> Result<Self> {
        let storage = open_file(path, mode, target, &settings)?;
        let (storage, opened) = OpenedFile::with_room(storage, path, target, &settings)?;
        let mut rows = Rows::of(settings.storage(storage), path, target, opened, settings)?;
        if settings.durability == Durability::Synced {
            rows.sync_earlier_run()?;
        }
        Ok(rows)
    }

    /// Waits until what an earlier run left is on the device. That run may not have synced its commits, or was killed
    /// before it synced the name of the file.
    pub(super) fn sync_earlier_run(&mut self) -> Result<()> {
        if self.file.committed > 0 {
            self.file.sync_all()?;
        }
        self.file.sync_name()?;
        self.sync_shards()
    }

    /// The rows of a file in which header and data agree.
    pub(super) fn of(
        storage: Box<dyn Storage>,
        path: &Path,
        target: &Target,
        opened: OpenedFile,
        settings: AppendOptions,
    ) -> Result<Self> {
        let elements = opened.elements;
        let extent = Extent::new(
            &opened.header,
            elements.itemsize,
            elements.shape,
            opened.rows,
        );
        let schedule = Schedule::new(&settings, &extent);
        let checks_each = schedule.has_interval() || elements.plan.is_some();
        let capacity = settings.buffer_capacity.max(extent.stride);
        let buffer = Buffer::new(capacity, extent.stride, checks_each);
        let buffer = buffer.map_err(|e| Error::io("take memory for a buffer", e.into()))?;
        let conversion = elements.plan.map(|plan| {
            let unconverted = zeroed(target.element().itemsize())?;
            Ok::<_, Error>(Conversion { plan, unconverted })
        });
        let file = GrowingFile::new(
            storage,
            path,
            settings.durability,
            opened.header,
            extent,
            opened.rows,
        );
        let mut rows = Rows {
            file,
            buffer,
            schedule,
            conversion: conversion.transpose()?,
            recovery: opened.recovery,
            shards: None,
            is_closed: false,
        };
        rows.refill();
        Ok(rows)
    }
}
