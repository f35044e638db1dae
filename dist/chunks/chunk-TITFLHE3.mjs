import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
function rooms(make){let made=new WeakMap;return(reader,length)=>{let room=made.get(reader);return(room===void 0||room.length<length)&&(room=make(length),made.set(reader,room)),room.subarray(0,length)}}export{rooms};
