import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{UserError}from"./chunk-LF6PXUJV.mjs";var TargetInUse=class extends UserError{found;constructor(message,options,found){super(message,options),this.found=found}};export{TargetInUse};
