import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{readPublicKey,readSigningKey}from"./chunk-ETZRQOU3.mjs";import"./chunk-LF6PXUJV.mjs";import"./chunk-PLGI4CXG.mjs";export{readPublicKey,readSigningKey};
