import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
var DECODER=new TextDecoder;async function wholeText({reader},most){return await reader.ensure(most+1)?void 0:DECODER.decode(reader.bytes.subarray(reader.position,reader.end))}export{wholeText};
