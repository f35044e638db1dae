import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{connectRunners}from"./chunk-FBBK3OJ4.mjs";import"./chunk-PLGI4CXG.mjs";export{connectRunners};
