//! Reading and writing take work in proportion to the octets of a message, whatever it is that grows: shown by what is
//! allocated, which is the same in every run. `tests/linear.sh` shows it by instructions.

#[path = "linear/dimensions.rs"]
mod dimensions;

use dimensions::DIMENSIONS;

/// Octets allocated for each octet of the message, and allocations for each thousand of them.
#[test]
fn what_is_allocated_grows_with_the_octets_at_most() {
    for dimension in DIMENSIONS {
        let mut before: Option<f64> = None;
        for size in dimension.sizes {
            let message = dimension.message(*size);
            let mut fine = false;
            let told = allocation_counter::measure(|| fine = dimension.read(message.as_bytes()));
            assert!(fine, "{} of {size}", dimension.name);
            // A few allocations of some size are there whatever the message is.
            let octets = (told.bytes_total as f64 - 4096.0).max(0.0) / message.len() as f64;
            let most = before.map_or(200.0, |before| before.max(32.0) * 2.0);
            println!("{:20}{size:8}{octets:10.1}", dimension.name);
            assert!(
                octets <= most,
                "{} of {size}: {octets} octets an octet",
                dimension.name
            );
            before = Some(octets.max(before.unwrap_or_default()));
        }
    }
}
