import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{bodyOf,isObject,payloadKind}from"./chunk-XJT4BSES.mjs";import"./chunk-PLGI4CXG.mjs";export{bodyOf,isObject,payloadKind};
