import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
function reportOnce(report){let told=new Set,counts=new Map;return found=>{let key=`${found.rule} ${found.offset} ${found.what}`,before=counts.get(found.rule)??0;before>=1e3||told.has(key)||(counts.set(found.rule,before+1),told.add(key),report(found))}}export{reportOnce};
