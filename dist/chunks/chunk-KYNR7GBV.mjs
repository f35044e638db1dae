import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{isOutOfCapacity}from"./chunk-5TPRPQJZ.mjs";import{MACHINE_TAG,launchToken,machineTags,readTags,runnerLabels}from"./chunk-TMFXYTY7.mjs";import{shellWord}from"./chunk-L4LAAWPP.mjs";import{UserError,messageOf}from"./chunk-LF6PXUJV.mjs";var PAUSE_MILLISECONDS=1e4,TAIL_LINES=15,TAIL_CHARACTERS=2e3,FIX="Look whether the machine reaches GitHub (subnet with a route out, security group), and whether the image starts; its console says more.";async function awaitOnline({machine,runnerId,withinMs,secret},effects){let deadline=effects.now().getTime()+withinMs;for(;;){let seen=await lookOnce(machine,runnerId,effects);if(seen==="online")return;if(seen==="removed")throw new UserError("Somebody removed the runner at GitHub before its machine was up.",{fix:"Run the job again; look for another workflow that removes runners that are offline."});if(seen==="ended"){let why=(await effects.machines.look(machine.id).catch(()=>{}))?.stateReason,told=`The machine ${machine.id} ended before its runner came to GitHub${why?`: ${why}`:"."}`;throw new UserError(`${told}${await consoleTail(effects.machines,machine.id,secret)}`,{fix:FIX})}if(effects.now().getTime()>=deadline){let trouble=typeof seen=="object"?` (${seen.trouble})`:"",told=`The runner on ${machine.id} did not come to GitHub within ${Math.round(withinMs/6e4)} minutes${trouble}.`;throw new UserError(`${told}${await consoleTail(effects.machines,machine.id,secret)}`,{fix:FIX})}await effects.wait(PAUSE_MILLISECONDS)}}async function lookOnce(machine,runnerId,{github,machines}){try{let runner=await github.find(runnerId);if(!runner)return"removed";if(runner.online||runner.busy)return"online";let state=(await machines.look(machine.id))?.state;return state==="terminated"||state==="shutting-down"?"ended":"not yet"}catch(error){if(error instanceof Error&&error.name==="AbortError")throw error;return{trouble:messageOf(error)}}}async function consoleTail(machines,id,secret){let tail=(await machines.printed(id).catch(()=>"")).replaceAll(secret,"***").split(/\r?\n/).filter(line=>line.trim()!=="").slice(-TAIL_LINES).join(`
`).slice(-TAIL_CHARACTERS);return tail===""?"":`
Last lines of its console:
${tail}`}async function endMachine(machine,runnerIds,{github,machines}){try{for(let id of new Set(runnerIds))if(await github.remove(id)==="busy")return{state:"left",busy:!0,why:"its runner is running a job"}}catch(error){return{state:"failed",busy:null,why:`GitHub could not be asked about its runner: ${messageOf(error)}`}}try{return await machines.end(machine.id),{state:"ended"}}catch(error){return{state:"failed",busy:!1,why:messageOf(error)}}}async function endLaunch(runner,known,services){let remains={ended:[],left:[]},ids=(await services.github.list()).filter(one=>one.name===runner).map(({id})=>id);known.runnerId!==void 0&&ids.push(known.runnerId);let machines=await services.machines.find({[MACHINE_TAG]:runner}),{machineId}=known;if(machineId&&!machines.some(({id})=>id===machineId)&&machines.push({id:machineId,tags:{}}),machines.length===0)for(let id of new Set(ids))await services.github.remove(id);for(let machine of machines){let{runnerId:tagged}=readTags(machine.tags),ending=await endMachine(machine,tagged===null?ids:[...ids,tagged],services);ending.state==="ended"?remains.ended.push(machine.id):remains.left.push(`${machine.id}: ${ending.why}`)}return remains}var MARKET_ORDERS={spot:["spot"],"on-demand":["on-demand"],"spot-then-on-demand":["spot","on-demand"]};function offersOf(types,subnets,market){let places=subnets.length>0?subnets:[void 0],offers=MARKET_ORDERS[market].flatMap(one=>types.flatMap(type=>places.map(subnet=>({type,subnet,market:one})))),[first,...rest]=offers;if(first)return[first,...rest];throw new UserError("No type of machine is given to launch.",{where:{key:"instance-types"},fix:"Give one or more, e.g. g5.xlarge, in the order to try them."})}var nameOffer=({type,subnet,market})=>`${type} ${market==="spot"?"on spot":"on demand"}${subnet?` in ${subnet}`:""}`;async function launchFirst(machines,offers,requestFor,onRefusal){let refusals=[];for(let offer of offers)try{return{machine:await machines.launch(requestFor(offer)),offer,refusals}}catch(error){if(!isOutOfCapacity(error))throw error;refusals.push(refusalOf(offer,error)),onRefusal(refusals.at(-1))}let told=refusals.map(one=>`${nameOffer(one)}: ${one.code}`).join("; ");throw new UserError(`AWS has none of these machines now: ${told}.`,{where:{key:"instance-types"},fix:"Give more instance-types, subnets in other zones, or market: spot-then-on-demand; for VcpuLimitExceeded and MaxSpotInstanceCountExceeded raise the quota of the account."})}var refusalOf=(offer,{code,said})=>({...offer,code,said});var PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";function machineScript(script){return`#!/bin/bash
# Runs one job of a workflow, then ends this machine.
set -u
export PATH=${shellWord(script.path??PATH)}
folder=${shellWord(script.folder??"/opt/actions-runner")}
lifetime_minutes=${Math.max(1,Math.ceil(script.lifetimeMinutes))}
idle_minutes=${Math.max(1,Math.ceil(script.idleMinutes))}
url=${shellWord(script.download.url)}
sha256=${shellWord(script.download.sha256)}
configuration=${shellWord(script.configuration)}
user=runner
${BODY}`}var BODY=`began="$folder/job-began"

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
`;var MINUTE=6e4;async function launchRunner(request,effects,saveState){let{github,machines,log}=effects,{runner,idleMs,registrationMs}=request,offers=offersOf(request.instanceTypes,request.subnets,request.market),image=await machines.image(checkedImage(request.image)),download=await github.download(image.architecture);if((await machines.find({[MACHINE_TAG]:runner})).length>0)throw alreadyLaunched(runner);let state={runner,runnerId:null,machineId:null,finished:!1},save=change=>{state={...state,...change},saveState(state)};save({});try{let labels=runnerLabels(request,runner,request.labels),{id,configuration}=await github.create({name:runner,labels,group:request.group});log.mask(configuration),save({runnerId:id});let begin=effects.now().getTime(),endsBy=new Date(begin+request.lifetimeMs),onlineBy=new Date(begin+registrationMs),jobBy=new Date(begin+registrationMs+idleMs),script=machineScript({download,configuration,lifetimeMinutes:request.lifetimeMs/MINUTE,idleMinutes:idleMs/MINUTE}),found=await launchFirst(machines,offers,offer2=>({...offer2,token:launchToken(runner,id,offer2),image,userData:script,volumeGiB:request.volumeGiB,securityGroups:request.securityGroups,instanceProfile:request.instanceProfile,tags:machineTags({...request,runnerId:id,endsBy,onlineBy,jobBy})}),refusal=>log.info(`AWS has no ${nameOffer(refusal)} now (${refusal.code})`)),{machine,offer,refusals}=found;return save({machineId:machine.id}),log.info(`Launched ${machine.id}, ${nameOffer(offer)}; it ends by ${endsBy.toISOString()} at the latest`),await awaitOnline({machine,runnerId:id,withinMs:registrationMs,secret:configuration},effects),save({finished:!0}),log.info(`The runner ${runner} waits for its job`),{runner,runnerId:id,labels,machine,endsBy,refusals}}catch(error){throw await endUnfinishedLaunch(state,effects),error}}async function endUnfinishedLaunch(state,{afterwards,log}){if(state.finished)return;let{runner,runnerId,machineId}=state;try{let known={runnerId:runnerId??void 0,machineId:machineId??void 0},{ended,left}=await endLaunch(runner,known,await afterwards());for(let id of ended)log.info(`Ended ${id}`);for(let text of left)log.warning(`${text}. It ends itself, and operation: reap looks after it.`)}catch(error){log.warning(`What the launch of ${runner} left could not be ended now: ${messageOf(error)}. A machine of it ends itself, and operation: reap finds it.`)}}function checkedImage(image){if(/^ami-[0-9a-f]{8,17}$/.test(image))return image;throw new UserError(image?`${image} is not the number of a machine image.`:"No machine image is given.",{where:{key:"machine-image"},fix:"Give the ami-\u2026 of an image with drivers in this region, e.g. a Deep Learning AMI; docs/gpu-runners.md says how to look it up."})}var alreadyLaunched=runner=>new UserError(`This step has launched a machine for ${runner} already, and it has not ended.`,{fix:"Launch one runner in a step; jobs of a matrix launch theirs in steps of their own jobs."});export{endMachine,launchRunner,endUnfinishedLaunch};
