#!/usr/bin/env bash
# Start a real Slurm with one node, this machine, for tests/test_slurm.py. For Debian, as root.
# It listens on this machine only as far as its name resolves to a loopback address, knows no
# accounting and no cgroups, and has one partition, "main". Calling it twice does no harm.
# stop.sh ends what this script started.
set -euo pipefail

DIR=${SLURM_TEST_DIR:-/tmp/slurm-of-one-node}
CONF=/etc/slurm/slurm.conf # jobs do not see SLURM_CONF, so this must be the standard place
MARK="# written by tests/slurm/start.sh"

fail() { echo "start.sh: $*" >&2; exit 1; }
wait_for() { for _ in $(seq 100); do "$@" >/dev/null 2>&1 && return; sleep 0.2; done; return 1; }
runs_jobs() { timeout 10 srun --quiet --time 1 --mem 16 true; }
# a daemon is known by its process and name; stop.sh ends no other
note() { echo "$(cat "$2") $1" >>"$DIR/started"; }

[ "$(id -u)" = 0 ] || fail "must run as root"
if [ -f $CONF ] && ! grep -qF "$MARK" $CONF; then
    fail "$CONF is that of another Slurm: use it, or move it away"
fi
if [ -f $CONF ] && runs_jobs; then echo "start.sh: Slurm runs already"; exit 0; fi

if ! command -v slurmctld >/dev/null || ! command -v slurmd >/dev/null \
    || ! command -v srun >/dev/null || ! command -v munge >/dev/null; then
    apt-get update -qq
    # the packages would start services that have no configuration yet
    policy=/usr/sbin/policy-rc.d
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' >$policy && chmod +x $policy
        trap 'rm -f $policy' EXIT
    fi
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        slurmctld slurmd slurm-client munge >/dev/null
fi

mkdir -p /etc/slurm "$DIR/state" "$DIR/spool"
NODE=$(hostname -s)
ADDRESS=$(getent ahostsv4 "$NODE" | awk 'NR == 1 {print $1}')
[ -n "$ADDRESS" ] || fail "the name of this machine does not resolve: add it to /etc/hosts"
CPUS=$(nproc)
MEMORY=$(awk '/^MemTotal:/ {print int($2 / 1024 * 0.9)}' /proc/meminfo)

cat >$CONF <<EOF
$MARK
ClusterName=test
SlurmctldHost=$NODE($ADDRESS)
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmUser=root
StateSaveLocation=$DIR/state
SlurmdSpoolDir=$DIR/spool
SlurmctldPidFile=$DIR/slurmctld.pid
SlurmdPidFile=$DIR/slurmd.pid
SlurmctldLogFile=$DIR/slurmctld.log
SlurmdLogFile=$DIR/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
# squeue, the only source of a job's state here, must still show a job that has ended
MinJobAge=600
# test jobs are short: schedule at once
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1
KillWait=5
ReturnToService=2
JobRequeue=0
SlurmdParameters=config_overrides
NodeName=$NODE NodeAddr=$ADDRESS CPUs=$CPUS RealMemory=$MEMORY State=UNKNOWN
PartitionName=main Nodes=$NODE Default=YES MaxTime=INFINITE State=UP
EOF
# slurmd wants to know a kind of cgroup even where nothing uses one
printf '%s\nCgroupPlugin=cgroup/v1\nCgroupAutomount=no\n' "$MARK" >/etc/slurm/cgroup.conf

if ! munge -n 2>/dev/null | unmunge >/dev/null 2>&1; then
    install -d -o munge -g munge -m 700 /etc/munge /var/log/munge /var/lib/munge
    install -d -o munge -g munge -m 755 /run/munge
    if [ ! -s /etc/munge/munge.key ]; then
        (umask 077 && head -c 128 /dev/urandom >/etc/munge/munge.key)
        chown munge:munge /etc/munge/munge.key
    fi
    setpriv --reuid=munge --regid=munge --clear-groups munged --force
    wait_for test -s /run/munge/munged.pid
    note munged /run/munge/munged.pid
fi
slurmctld </dev/null >>"$DIR/slurmctld.out" 2>&1
wait_for test -s "$DIR/slurmctld.pid" || fail "slurmctld did not start, see $DIR/slurmctld.log"
note slurmctld "$DIR/slurmctld.pid"
slurmd -N "$NODE" </dev/null >>"$DIR/slurmd.out" 2>&1
wait_for test -s "$DIR/slurmd.pid" || fail "slurmd did not start, see $DIR/slurmd.log"
note slurmd "$DIR/slurmd.pid"
wait_for runs_jobs || fail "no job runs, see $DIR/*.log"
echo "start.sh: Slurm runs jobs on $CPUS processors"
