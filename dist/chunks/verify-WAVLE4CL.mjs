import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{validStatements,verifyVersion}from"./chunk-6CZXCNWH.mjs";import"./chunk-IE533YZV.mjs";import"./chunk-JMH4LUYM.mjs";import"./chunk-IQWOML2P.mjs";import"./chunk-2Z2CU6QK.mjs";export{validStatements,verifyVersion};
