import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{bodyOf,payloadKind}from"./chunk-22YPQHOM.mjs";import"./chunk-XB42VD5Z.mjs";import"./chunk-PLGI4CXG.mjs";export{bodyOf,payloadKind};
