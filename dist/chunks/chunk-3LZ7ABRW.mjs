import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{descriptorSchema}from"./chunk-3JRYSLNJ.mjs";import{array,literal,looseObject,string}from"./chunk-ATB4N3T5.mjs";var indexSchema=looseObject({schemaVersion:literal(2),mediaType:string().optional(),manifests:array(descriptorSchema)});export{indexSchema};
