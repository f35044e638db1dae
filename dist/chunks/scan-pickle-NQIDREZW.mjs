import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{Tale,scanPickle}from"./chunk-5G74YZGG.mjs";import"./chunk-N5IJ5K33.mjs";import"./chunk-EBUNJZCR.mjs";import"./chunk-MI2U7B5W.mjs";import"./chunk-CXRXPTHQ.mjs";import"./chunk-PLGI4CXG.mjs";export{Tale,scanPickle};
