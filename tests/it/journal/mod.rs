//! The order journal, by the rows of its fault list: P1 the process is killed, P2 the file is damaged, P3 the disk is
//! full or fails, P4 somebody else has it.

mod desk;
mod p1_killed;
mod p2_damaged;
mod p3_disk;
mod p4_locked;
mod reading;
mod support;
