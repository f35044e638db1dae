import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{validStatements,verifyVersion}from"./chunk-Z2FBTJHB.mjs";import"./chunk-IE533YZV.mjs";import"./chunk-LF6PXUJV.mjs";import"./chunk-ATB4N3T5.mjs";import"./chunk-PLGI4CXG.mjs";export{validStatements,verifyVersion};
