//! What a worker gives up before it reads a byte.
//!
//! In this order: memory, processor time, open files, file sizes and core dumps by limits; being traced or dumped; every path
//! and every TCP port by Landlock with no rule (which also sets `no_new_privs`); and every system call but those that a
//! parser between two pipes makes. What is denied fails with `EPERM`. Memory can be neither mapped nor made executable.
//!
//! Each layer alone would deny files, the network and other programs; a worker goes on only when all of them hold.

/// What a worker may use.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Address space, in bytes.
    pub(super) memory_bytes: u64,
    /// Processor time, in seconds.
    pub(super) cpu_seconds: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            memory_bytes: 2 << 30,
            cpu_seconds: 120,
        }
    }
}

/// Gives everything up; says what did not hold.
#[cfg(target_os = "linux")]
pub(super) fn enter(bounds: &Bounds) -> Result<(), String> {
    linux::limits(bounds)?;
    linux::landlock()?;
    linux::seccomp()
}

/// Elsewhere nothing is known to hold.
#[cfg(not(target_os = "linux"))]
pub(super) fn enter(_: &Bounds) -> Result<(), String> {
    Err("this system has no Landlock".to_owned())
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::BTreeMap;

    use landlock::{
        ABI, Access as _, AccessFs, AccessNet, Ruleset, RulesetAttr as _, RulesetError,
        RulesetStatus, Scope,
    };
    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
        SeccompRule, apply_filter,
    };

    use super::Bounds;

    /// Descriptors a worker may have: the three pipes, and a few that the runtime may want.
    const FILES_MAX: u64 = 16;

    /// Limits that the kernel keeps, and no dumps.
    pub(super) fn limits(bounds: &Bounds) -> Result<(), String> {
        let limits = [
            (Resource::As, bounds.memory_bytes),
            (Resource::Cpu, bounds.cpu_seconds),
            (Resource::Nofile, FILES_MAX),
            (Resource::Fsize, 0),
            (Resource::Core, 0),
        ];
        for (resource, most) in limits {
            // One second more before the kernel kills without a name for it.
            let spare = u64::from(matches!(resource, Resource::Cpu));
            let limit = Rlimit {
                current: Some(most),
                maximum: Some(most + spare),
            };
            setrlimit(resource, limit).map_err(|e| format!("resource limits: {e}"))?;
        }
        set_dumpable_behavior(DumpableBehavior::NotDumpable)
            .map_err(|e| format!("being dumped: {e}"))
    }

    /// No path, no port, no signal to others.
    pub(super) fn landlock() -> Result<(), String> {
        let status = restrict().map_err(|e| format!("Landlock: {e}"))?;
        match status {
            // An older kernel holds paths only; the filter below holds the rest.
            RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced => Ok(()),
            RulesetStatus::NotEnforced => Err("the kernel has no Landlock".to_owned()),
        }
    }

    fn restrict() -> Result<RulesetStatus, RulesetError> {
        let abi = ABI::V6;
        let status = Ruleset::default()
            .handle_access(AccessFs::from_all(abi))?
            .handle_access(AccessNet::from_all(abi))?
            .scope(Scope::from_all(abi))?
            .create()?
            .restrict_self()?;
        Ok(status.ruleset)
    }

    /// System calls that a parser between two pipes makes.
    const ALLOWED: &[libc::c_long] = &[
        libc::SYS_read,
        libc::SYS_write,
        libc::SYS_readv,
        libc::SYS_writev,
        libc::SYS_close,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_madvise,
        libc::SYS_brk,
        libc::SYS_futex,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sigaltstack,
        libc::SYS_restart_syscall,
        libc::SYS_exit,
        libc::SYS_exit_group,
        libc::SYS_clock_gettime,
        libc::SYS_getrandom,
        libc::SYS_getpid,
        libc::SYS_gettid,
        libc::SYS_tgkill,
        libc::SYS_sched_yield,
    ];

    /// Those that may map memory, as long as it is not executable; the protection is their third argument.
    const MAPPING: &[libc::c_long] = &[libc::SYS_mmap, libc::SYS_mprotect];

    /// Everything else is denied.
    pub(super) fn seccomp() -> Result<(), String> {
        let program = filter().map_err(|e| format!("seccomp: {e}"))?;
        apply_filter(&program).map_err(|e| format!("seccomp: {e}"))
    }

    fn filter() -> Result<BpfProgram, seccompiler::BackendError> {
        let not_executable = SeccompCondition::new(
            2,
            SeccompCmpArgLen::Dword,
            SeccompCmpOp::MaskedEq(u64::from(libc::PROT_EXEC.unsigned_abs())),
            0,
        )?;
        let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
            ALLOWED.iter().map(|call| (*call, Vec::new())).collect();
        for call in MAPPING {
            let rule = SeccompRule::new(vec![not_executable.clone()])?;
            rules.insert(*call, vec![rule]);
        }
        let filter = SeccompFilter::new(
            rules,
            SeccompAction::Errno(libc::EPERM.unsigned_abs()),
            SeccompAction::Allow,
            std::env::consts::ARCH.try_into()?,
        )?;
        filter.try_into()
    }
}
