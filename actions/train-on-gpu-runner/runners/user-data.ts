/**
 * The script that a machine runs as root when it first boots. It arms two timers that end the machine, each by itself,
 * before anything else; then it runs one job, and whichever way it ends, the machine ends.
 */

import type { RunnerDownload } from '../../../shared/github/self-hosted-runners.ts';
import { shellWord } from '../../../shared/programs/shell-words.ts';

export interface MachineScript {
  download: RunnerDownload;
  /** The just-in-time configuration: a secret. */
  configuration: string;
  /** After so long the machine ends, whatever it does. At least 1. */
  lifetimeMinutes: number;
  /** After so long without a job it ends. At least 1. */
  idleMinutes: number;
  /** Where the runner is, or is put; only a test has another. */
  folder?: string;
  /** Where programs are; only a test has others, so that none of the system's can be reached. */
  path?: string;
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The script as text; it holds the configuration and prints it nowhere. */
export function machineScript(script: MachineScript): string {
  return `#!/bin/bash
# Runs one job of a workflow, then ends this machine.
set -u
export PATH=${shellWord(script.path ?? PATH)}
folder=${shellWord(script.folder ?? '/opt/actions-runner')}
lifetime_minutes=${Math.max(1, Math.ceil(script.lifetimeMinutes))}
idle_minutes=${Math.max(1, Math.ceil(script.idleMinutes))}
url=${shellWord(script.download.url)}
sha256=${shellWord(script.download.sha256)}
configuration=${shellWord(script.configuration)}
user=runner
${BODY}`;
}

/** Nothing is put into this part, so that nothing has to be quoted in it. */
const BODY = `began="$folder/job-began"

say() { printf 'mlops-runner: %s\\n' "$1"; }

power_off() {
  trap - EXIT
  say "ends this machine: $1"
  sync
  shutdown -P now || systemctl poweroff --force || poweroff -f
}
trap 'power_off "the script has ended"' EXIT
trap 'exit 1' HUP INT TERM

# The timers come first, so that nothing below can leave the machine behind: one of the init system, one of its own unit.
timers=0
if shutdown -P "+$lifetime_minutes"; then timers=$((timers + 1)); fi
if systemd-run --unit=mlops-runner-end --on-active="\${lifetime_minutes}min" \\
  --timer-property=AccuracySec=10s systemctl poweroff --force; then timers=$((timers + 1)); fi
if [ "$timers" -eq 0 ]; then
  say 'no timer can be armed, so that no job may run here'
  exit 1
fi
say "ends in $lifetime_minutes minutes at the latest ($timers timers)"

install_runner() {
  if [ -x "$folder/run.sh" ]; then return 0; fi
  mkdir -p "$folder" && cd "$folder" || return 1
  if ! curl --fail --silent --show-error --location --retry 5 --retry-delay 5 --connect-timeout 20 \\
    --max-time 600 --output runner.tar.gz "$url"; then
    say 'the runner cannot be downloaded: this machine needs a way to GitHub'
    return 1
  fi
  if ! printf '%s  runner.tar.gz\\n' "$sha256" | sha256sum --check --status; then
    say 'what was downloaded is not the runner: its checksum is another'
    return 1
  fi
  tar -xzf runner.tar.gz && rm -f runner.tar.gz || return 1
  if [ -x bin/installdependencies.sh ] && ! bin/installdependencies.sh >/dev/null 2>&1; then
    say 'what the runner depends on could not be installed; it may be there already'
  fi
}

make_user() {
  id "$user" >/dev/null 2>&1 || useradd --create-home --shell /bin/bash "$user" || return 1
  for group in docker video render; do
    if getent group "$group" >/dev/null; then usermod --append --groups "$group" "$user"; fi
  done
  printf '#!/bin/bash\\ntouch "%s"\\n' "$began" >"$folder/begin-job.sh"
  chmod 755 "$folder/begin-job.sh"
  chown -R "$user:" "$folder"
}

job_has_begun() { [ -e "$began" ] || pgrep -f 'Runner[.]Worker' >/dev/null 2>&1; }

end_without_job() {
  waited=0
  while [ "$waited" -lt $((idle_minutes * 60)) ]; do
    if job_has_begun; then return; fi
    sleep 10
    waited=$((waited + 10))
  done
  if ! job_has_begun; then power_off "no job came within $idle_minutes minutes"; fi
}

install_runner || exit 1
make_user || exit 1
cd "$folder" || exit 1
rm -f "$began"
end_without_job &
watcher=$!
home=$(getent passwd "$user" | cut -d: -f6)
say 'waits for its job'
runuser -u "$user" -- env HOME="\${home:-$folder}" USER="$user" LOGNAME="$user" \\
  ACTIONS_RUNNER_HOOK_JOB_STARTED="$folder/begin-job.sh" "$folder/run.sh" --jitconfig "$configuration"
say "the runner ended with status $?"
kill "$watcher" 2>/dev/null
exit 0
`;
