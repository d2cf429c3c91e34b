//! Reads a message that is large in one dimension, for `tests/linear.sh` to count the instructions.
//!
//! usage: linear                       tells the dimensions, each with its sizes
//!        linear DIMENSION SIZE TIMES  reads it so many times; tells the octets of the message

#[path = "../tests/linear/dimensions.rs"]
mod dimensions;

use dimensions::DIMENSIONS;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, size, times] = arguments.as_slice() else {
        for dimension in DIMENSIONS {
            let sizes: Vec<String> = dimension.sizes.iter().map(usize::to_string).collect();
            println!("{} {}", dimension.name, sizes.join(" "));
        }
        return;
    };
    let dimension = DIMENSIONS.iter().find(|dimension| dimension.name == name);
    let (Some(dimension), Ok(size), Ok(times)) = (dimension, size.parse(), times.parse::<u32>())
    else {
        eprintln!("no such dimension, or no number");
        std::process::exit(2);
    };
    let message = dimension.message(size);
    for _ in 0..times {
        assert!(dimension.read(message.as_bytes()), "{name} of {size}");
    }
    println!("{}", message.len());
}
