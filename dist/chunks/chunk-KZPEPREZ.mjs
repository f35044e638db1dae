import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
function reportOnce(report){let told=new Set;return found=>{let key=`${found.rule} ${found.offset} ${found.what}`;told.size>=200||told.has(key)||(told.add(key),report(found))}}export{reportOnce};
