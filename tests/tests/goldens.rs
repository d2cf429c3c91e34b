//! What the generator emits for its cases, compiled with warnings denied; nothing of it is public here, or all used.

// What holds of code that others see does not hold of code that only tests see.
#![allow(clippy::box_collection, dead_code, unreachable_pub)]

pub(crate) mod cases {
    //! The golden code of every folder of `codegen/tests/cases`, as a module of its own.

    include!(concat!(env!("OUT_DIR"), "/cases.rs"));
}

pub(crate) mod serial {
    //! The same, and our own contracts, with serde's traits.

    include!(concat!(env!("OUT_DIR"), "/serial.rs"));
}
