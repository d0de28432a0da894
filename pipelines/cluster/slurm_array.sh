#!/usr/bin/env bash
#SBATCH --job-name=resmtnet
#SBATCH --cpus-per-task=2
#SBATCH --requeue
#SBATCH --open-mode=append
#
# One run of `resmtnet infer` as a Slurm array: task I of N does the cases of shard I/N.
#
#   JOB=$(sbatch --parsable --array=1-N slurm_array.sh INPUT OUTPUT [options of infer])
#   sbatch --dependency=afterok:$JOB --wrap "resmtnet merge OUTPUT/all OUTPUT/part-*"
#
# INPUT and OUTPUT are on a file system that all nodes see; task I writes OUTPUT/part-I, and the merge OUTPUT/all, which
# equals the output of an undivided run; its job ends with the code of infer for the whole run (3: some cases were
# rejected or failed). Where a case goes depends on its id and N alone, never on a node or on time.
#
# A task that went over all of its cases COMPLETED, also where some were rejected or failed (codes 3 and 4 of infer):
# their records are in its part, and the merge that waits with afterok starts. Any other code is the task's own.
# A task that was killed and requeued goes on after the last case it finished; so does the same sbatch, given again.
# To do single tasks again, say N, which an array of 3,7 does not tell:
#   RESMTNET_SHARDS=N sbatch --array=3,7 slurm_array.sh INPUT OUTPUT
#
# Threads: as many as --cpus-per-task. RESMTNET names the command where it is not on the PATH.
set -uo pipefail

refuse() {
    echo "slurm_array.sh: $1" >&2
    exit 2
}

(($# >= 2)) || refuse "expected INPUT OUTPUT [options of infer], found $# arguments"
[[ -n ${SLURM_ARRAY_TASK_ID:-} ]] || refuse "this is no task of an array: submit it with sbatch --array=1-N"
if [[ -n ${RESMTNET_SHARDS:-} ]]; then
    shards=$RESMTNET_SHARDS
    [[ $shards =~ ^[1-9][0-9]*$ ]] || refuse "expected a number of shards in RESMTNET_SHARDS, found '$shards'"
else
    shards=$SLURM_ARRAY_TASK_COUNT
    ((SLURM_ARRAY_TASK_MIN == 1 && SLURM_ARRAY_TASK_MAX == shards)) ||
        refuse "expected --array=1-N without gaps, found $shards tasks from $SLURM_ARRAY_TASK_MIN to\
 $SLURM_ARRAY_TASK_MAX (for single tasks of an array of N, set RESMTNET_SHARDS=N)"
fi
((SLURM_ARRAY_TASK_ID >= 1 && SLURM_ARRAY_TASK_ID <= shards)) ||
    refuse "there is no shard $SLURM_ARRAY_TASK_ID of $shards"
command=${RESMTNET:-resmtnet}
type -P "$command" > /dev/null || refuse "there is no command $command on this node: set PATH, or RESMTNET"

input=$1 part=$2/part-$SLURM_ARRAY_TASK_ID shard=$SLURM_ARRAY_TASK_ID/$shards
shift 2
export OMP_NUM_THREADS=${SLURM_CPUS_PER_TASK:-1}
"$command" infer "$input" "$part" --shard "$shard" "$@"
code=$?
case $code in
    0) ;;
    3) echo "Shard $shard is complete (3: some cases were rejected or failed; $part says which and why)." ;;
    4) echo "Shard $shard is complete (4: no case of it is usable; $part says why)." ;;
    *) echo "Shard $shard is not complete: resmtnet infer ended with $code." >&2 && exit "$code" ;;
esac
