import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{Tale,scanPickle}from"./chunk-W3QHPORI.mjs";import"./chunk-N5IJ5K33.mjs";import"./chunk-FRNRVXH6.mjs";import"./chunk-3TOTXKUP.mjs";import"./chunk-FMNL6L2J.mjs";import"./chunk-PLGI4CXG.mjs";export{Tale,scanPickle};
