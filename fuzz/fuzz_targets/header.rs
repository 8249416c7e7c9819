//! Any bytes are a header that is read back from its own bytes, or refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use npyrec::Header;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(header) = Header::read_from(&mut &bytes[..]) {
        let again = Header::read_from_with_max_size(&mut &header.to_bytes()[..], u32::MAX);
        let again = again.expect("a header of our own is read");
        assert_eq!(again.to_string(), header.to_string());
        assert_eq!(again.data_len(), header.data_len());
    }
});
