//! What goes wrong between MOCK's desk and its exchange.

/// The faults of MOCK. In a file: section `[mock.faults]`; without it nothing goes wrong.
///
/// One seed is one sequence of faults, in the exchange's own time. Chances are in 1/1,000 of what may be hit.
///
/// ```toml
/// [mock.faults]
/// seed = 7
/// lost_answer = 100
/// restart = 0
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FaultConfig {
    /// Where the faults come from. `seed`, 0 to 2^63 − 1, default 0.
    pub seed: u64,
    /// No byte of a request leaves. `not_written`, default 10.
    pub not_written: u32,
    /// The connection ends before the request is accepted. `cut_before`, default 10.
    pub cut_before: u32,
    /// The connection ends after the request is accepted. `cut_after`, default 20.
    pub cut_after: u32,
    /// The request waits in the broker's queue for up to 5 seconds. `delay`, default 50.
    pub delay: u32,
    /// The broker turns the request away. `refuse`, default 10.
    pub refuse: u32,
    /// The broker counts too many requests. `over_rate`, default 10.
    pub over_rate: u32,
    /// The answer never comes. `lost_answer`, default 30.
    pub lost_answer: u32,
    /// The answer comes after its deadline. `late_answer`, default 20.
    pub late_answer: u32,
    /// A notice is lost. `drop_notice`, default 50.
    pub drop_notice: u32,
    /// A notice comes twice. `repeat_notice`, default 50.
    pub repeat_notice: u32,
    /// A notice comes up to 10 seconds late, behind later ones. `late_notice`, default 50.
    pub late_notice: u32,
    /// A list is as it was up to 30 seconds ago. `list_lag`, default 200.
    pub list_lag: u32,
    /// The pages of a list shift while it is read: a row comes twice, or the list is not whole. `list_shift`, default
    /// 100.
    pub list_shift: u32,
    /// A list read fails, or has no answer. `list_fail`, default 50.
    pub list_fail: u32,
    /// The stream of notices is cut for up to a minute, at a request. `stream_cut`, default 5.
    pub stream_cut: u32,
    /// The desk's process is killed soon after a request, and begins again from its journal. `restart`, default 2.
    pub restart: u32,
}

impl FaultConfig {
    /// The defaults, from that seed.
    pub const fn new(seed: u64) -> Self {
        Self {
            seed,
            not_written: 10,
            cut_before: 10,
            cut_after: 20,
            delay: 50,
            refuse: 10,
            over_rate: 10,
            lost_answer: 30,
            late_answer: 20,
            drop_notice: 50,
            repeat_notice: 50,
            late_notice: 50,
            list_lag: 200,
            list_shift: 100,
            list_fail: 50,
            stream_cut: 5,
            restart: 2,
        }
    }

    /// Every chance, by its name in a file.
    pub(crate) const fn chances(&mut self) -> [(&'static str, &mut u32); 16] {
        [
            ("not_written", &mut self.not_written),
            ("cut_before", &mut self.cut_before),
            ("cut_after", &mut self.cut_after),
            ("delay", &mut self.delay),
            ("refuse", &mut self.refuse),
            ("over_rate", &mut self.over_rate),
            ("lost_answer", &mut self.lost_answer),
            ("late_answer", &mut self.late_answer),
            ("drop_notice", &mut self.drop_notice),
            ("repeat_notice", &mut self.repeat_notice),
            ("late_notice", &mut self.late_notice),
            ("list_lag", &mut self.list_lag),
            ("list_shift", &mut self.list_shift),
            ("list_fail", &mut self.list_fail),
            ("stream_cut", &mut self.stream_cut),
            ("restart", &mut self.restart),
        ]
    }
}
