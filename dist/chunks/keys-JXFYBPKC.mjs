import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{readPublicKey,readSigningKey}from"./chunk-NGWPR624.mjs";import"./chunk-IQWOML2P.mjs";import"./chunk-PLGI4CXG.mjs";export{readPublicKey,readSigningKey};
