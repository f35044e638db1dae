import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
function randomGenerator(seed){let state=Int32Array.of(seed);return()=>{let next=state[0]+1831565813|0;state[0]=next;let mixed=Math.imul(next^next>>>15,1|next);return mixed=mixed+Math.imul(mixed^mixed>>>7,61|mixed)^mixed,((mixed^mixed>>>14)>>>0)/4294967296}}export{randomGenerator};
