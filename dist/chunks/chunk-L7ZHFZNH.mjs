import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
async function taken(reader,count){let bytes=await reader.take(count);if(!bytes)throw new Error("it is cut off");return Buffer.from(bytes.buffer,bytes.byteOffset,bytes.length)}var numberAt=(bytes,at)=>new DataView(bytes.buffer,bytes.byteOffset+at,4).getUint32(0,!0);export{taken,numberAt};
