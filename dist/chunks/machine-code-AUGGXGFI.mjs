import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{isMachineCode,scanMachineCode}from"./chunk-DKXMOBXC.mjs";import"./chunk-PLGI4CXG.mjs";export{isMachineCode,scanMachineCode};
