import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{Tale,scanPickle}from"./chunk-Y2UKSW3T.mjs";import"./chunk-N5IJ5K33.mjs";import"./chunk-SR36ENC2.mjs";import"./chunk-EAC7EADN.mjs";import"./chunk-6VGP3CQV.mjs";import"./chunk-PLGI4CXG.mjs";export{Tale,scanPickle};
