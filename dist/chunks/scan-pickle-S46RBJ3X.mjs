import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{Tale,scanPickle}from"./chunk-XJNFAGJC.mjs";import"./chunk-N5IJ5K33.mjs";import"./chunk-GWPWWE7E.mjs";import"./chunk-BVGXSCZ3.mjs";import"./chunk-BO4NR2KZ.mjs";import"./chunk-PLGI4CXG.mjs";export{Tale,scanPickle};
