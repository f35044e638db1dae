import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{connectS3}from"./chunk-RWEQNDVV.mjs";import"./chunk-2L5YRC5F.mjs";import"./chunk-55MXONQO.mjs";import"./chunk-BDXL5DUM.mjs";import"./chunk-PO6DNIRM.mjs";import"./chunk-MBUUKWZO.mjs";import"./chunk-IQWOML2P.mjs";import"./chunk-2Z2CU6QK.mjs";export{connectS3};
