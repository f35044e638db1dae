import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{descriptorSchema}from"./chunk-PEOO2KLI.mjs";import{array,literal,looseObject,string}from"./chunk-JMH4LUYM.mjs";var indexSchema=looseObject({schemaVersion:literal(2),mediaType:string().optional(),manifests:array(descriptorSchema)});export{indexSchema};
