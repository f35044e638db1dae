import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{readPublicKey,readSigningKey}from"./chunk-TX4DVGVQ.mjs";import"./chunk-IQWOML2P.mjs";import"./chunk-2Z2CU6QK.mjs";export{readPublicKey,readSigningKey};
