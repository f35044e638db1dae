import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{Ec2Machines,isOutOfCapacity}from"./chunk-5TPRPQJZ.mjs";import"./chunk-J7VH4IME.mjs";import"./chunk-DEXEVIL2.mjs";import"./chunk-DC3BZR3O.mjs";import"./chunk-LF6PXUJV.mjs";import"./chunk-PLGI4CXG.mjs";export{Ec2Machines,isOutOfCapacity};
