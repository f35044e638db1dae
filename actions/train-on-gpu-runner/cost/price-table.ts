/**
 * The prices that ship: US dollars per hour on demand of EC2 instances that people train on (Linux, shared tenancy,
 * nothing preinstalled). Spot prices are not here, since they change from hour to hour, and neither are those of
 * SageMaker. An empty cell: not sold in that region when the table was made, or not known.
 */

/** GPUs: the AWS price list as instances.vantage.sh had it (through github.com/tsaol/aws-gpu), of this day. */
const GPU_DATE = '2026-08-26';
const GPU_MACHINES = `
type          ,us-east-1,us-east-2,us-west-2,ca-central-1,eu-central-1,eu-north-1,eu-west-1,eu-west-2,ap-northeast-1,ap-south-1,ap-southeast-1,ap-southeast-2
g4dn.xlarge   ,0.526    ,0.526    ,0.526    ,0.584   ,0.658   ,0.558   ,0.587   ,0.615   ,0.71    ,0.579   ,0.736   ,0.684
g4dn.2xlarge  ,0.752    ,0.752    ,0.752    ,0.835   ,0.94    ,0.798   ,0.838   ,0.88    ,1.015   ,0.828   ,1.052   ,0.978
g4dn.4xlarge  ,1.204    ,1.204    ,1.204    ,1.337   ,1.505   ,1.277   ,1.342   ,1.409   ,1.625   ,1.325   ,1.685   ,1.566
g4dn.8xlarge  ,2.176    ,2.176    ,2.176    ,2.416   ,2.72    ,2.308   ,2.426   ,2.546   ,2.938   ,2.395   ,3.045   ,2.83
g4dn.12xlarge ,3.912    ,3.912    ,3.912    ,4.343   ,4.89    ,4.15    ,4.362   ,4.577   ,5.281   ,4.306   ,5.474   ,5.087
g4dn.16xlarge ,4.352    ,4.352    ,4.352    ,4.832   ,5.44    ,4.617   ,4.853   ,5.092   ,5.875   ,4.791   ,6.089   ,5.659
g4dn.metal    ,7.824    ,7.824    ,7.824    ,8.687   ,9.78    ,8.3     ,8.724   ,9.154   ,10.562  ,8.612   ,10.948  ,10.174
g5.xlarge     ,1.006    ,1.006    ,1.006    ,1.117   ,1.258   ,1.067   ,1.123   ,1.277   ,1.459   ,1.208   ,        ,1.308
g5.2xlarge    ,1.212    ,1.212    ,1.212    ,1.34573 ,1.5156  ,1.28549 ,1.35296 ,1.53849 ,1.75776 ,1.45536 ,        ,1.57584
g5.4xlarge    ,1.624    ,1.624    ,1.624    ,1.80319 ,2.03081 ,1.72247 ,1.81287 ,2.06148 ,2.35528 ,1.95009 ,        ,2.11152
g5.8xlarge    ,2.448    ,2.448    ,2.448    ,2.71811 ,3.06122 ,2.59644 ,2.73271 ,3.10745 ,3.55033 ,2.93955 ,        ,3.18289
g5.12xlarge   ,5.672    ,5.672    ,5.672    ,6.29784 ,7.09282 ,6.01593 ,6.33167 ,7.19994 ,8.22609 ,6.81091 ,        ,7.37473
g5.16xlarge   ,4.096    ,4.096    ,4.096    ,4.54794 ,5.12204 ,4.34437 ,4.57237 ,5.1994  ,5.94042 ,4.91846 ,        ,5.32561
g5.24xlarge   ,8.144    ,8.144    ,8.144    ,9.04259 ,10.18405,8.63782 ,9.09117 ,10.33786,11.81123,9.77928 ,        ,10.58882
g5.48xlarge   ,16.288   ,16.288   ,16.288   ,18.08518,20.3681 ,17.27564,18.18233,20.67572,23.62246,19.55855,        ,21.17764
g6.xlarge     ,0.8048   ,0.8048   ,0.8048   ,0.8936  ,1.0064  ,0.8536  ,        ,1.0216  ,1.1672  ,0.9664  ,        ,1.0464
g6.2xlarge    ,0.9776   ,0.9776   ,0.9776   ,1.08547 ,1.22249 ,1.03688 ,        ,1.24095 ,1.41781 ,1.1739  ,        ,1.27107
g6.4xlarge    ,1.3232   ,1.3232   ,1.3232   ,1.4692  ,1.65466 ,1.40343 ,        ,1.67965 ,1.91903 ,1.58889 ,        ,1.72042
g6.8xlarge    ,2.0144   ,2.0144   ,2.0144   ,2.23666 ,2.519   ,2.13655 ,        ,2.55705 ,2.92148 ,2.41888 ,        ,2.61912
g6.12xlarge   ,4.6016   ,4.6016   ,4.6016   ,5.10933 ,5.75429 ,4.88062 ,        ,5.8412  ,6.67369 ,5.52558 ,        ,5.98299
g6.16xlarge   ,3.3968   ,3.3968   ,3.3968   ,3.7716  ,4.24769 ,3.60277 ,        ,4.31184 ,4.92637 ,4.07886 ,        ,4.41652
g6.24xlarge   ,6.6752   ,6.6752   ,6.6752   ,7.41173 ,8.34732 ,7.07996 ,        ,8.47339 ,9.68103 ,8.01555 ,        ,8.67909
g6.48xlarge   ,13.3504  ,13.3504  ,13.3504  ,14.82346,16.69464,14.15992,        ,16.94678,19.36206,16.0311 ,        ,17.35817
g6e.xlarge    ,1.861    ,1.861    ,1.861    ,        ,2.327   ,1.974   ,        ,        ,2.699   ,2.235   ,        ,
g6e.2xlarge   ,2.24208  ,2.24208  ,2.24208  ,        ,2.8035  ,2.37822 ,        ,        ,3.25168 ,2.69266 ,        ,
g6e.4xlarge   ,3.00424  ,3.00424  ,3.00424  ,        ,3.75651 ,3.18666 ,        ,        ,4.35703 ,3.60799 ,        ,
g6e.8xlarge   ,4.52856  ,4.52856  ,4.52856  ,        ,5.66252 ,4.80353 ,        ,        ,6.56775 ,5.43865 ,        ,
g6e.12xlarge  ,10.49264 ,10.49264 ,10.49264 ,        ,13.12002,11.12975,        ,        ,15.21742,12.60131,        ,
g6e.16xlarge  ,7.57719  ,7.57719  ,7.57719  ,        ,9.47454 ,8.03728 ,        ,        ,10.98917,9.09996 ,        ,
g6e.24xlarge  ,15.06559 ,15.06559 ,15.06559 ,        ,18.83806,15.98037,        ,        ,21.84956,18.09328,        ,
g6e.48xlarge  ,30.13118 ,30.13118 ,30.13118 ,        ,37.67612,31.96075,        ,        ,43.69912,36.18656,        ,
p3.2xlarge    ,3.06     ,3.06     ,3.06     ,3.366   ,3.823   ,        ,3.305   ,3.589   ,4.194   ,        ,4.234   ,4.234
p3.8xlarge    ,12.24    ,12.24    ,12.24    ,13.464  ,15.292  ,        ,13.22   ,14.356  ,16.776  ,        ,16.936  ,16.936
p3.16xlarge   ,24.48    ,24.48    ,24.48    ,26.928  ,30.584  ,        ,26.44   ,28.712  ,33.552  ,        ,33.872  ,33.872
p4d.24xlarge  ,21.957642,21.95764 ,21.95764 ,25.25174,27.43298,23.71569,23.71569,28.54493,30.09784,26.3444 ,26.34917,28.54493
p4de.24xlarge ,27.44705 ,         ,27.44705 ,        ,34.29122,        ,        ,        ,37.6223 ,        ,32.93646,
p5.4xlarge    ,6.88     ,6.88     ,6.88     ,        ,        ,        ,        ,8.944   ,8.6     ,8.256   ,        ,8.944
p5.48xlarge   ,55.04    ,55.04    ,55.04    ,63.296  ,        ,58.8928 ,        ,71.552  ,68.8    ,66.048  ,        ,71.552
p5en.48xlarge ,63.296   ,63.296   ,63.296   ,        ,        ,67.72672,        ,        ,79.12   ,75.9552 ,        ,
`;

/** In us-east-1: the AWS price list as Karpenter's provider for AWS had it, of this day. */
const OTHER_DATE = '2026-07-20';
const OTHER_GPU_MACHINES = `
type            ,us-east-1
gr6.4xlarge     ,1.5392
gr6.8xlarge     ,2.4464
p3dn.24xlarge   ,31.212
p6-b200.48xlarge,113.9328
`;
const CPU_MACHINES = `
size    ,c6i  ,c7i    ,c7g   ,c8g    ,m6i  ,m7i   ,m7g   ,m8g    ,r6i  ,r7i   ,r8g
large   ,0.085,0.08925,0.0725,0.07976,0.096,0.1008,0.0816,0.08976,0.126,0.1323,0.11782
xlarge  ,0.17 ,0.1785 ,0.145 ,0.15952,0.192,0.2016,0.1632,0.17952,0.252,0.2646,0.23564
2xlarge ,0.34 ,0.357  ,0.29  ,0.31904,0.384,0.4032,0.3264,0.35904,0.504,0.5292,0.47128
4xlarge ,0.68 ,0.714  ,0.58  ,0.63808,0.768,0.8064,0.6528,0.71808,1.008,1.0584,0.94256
8xlarge ,1.36 ,1.428  ,1.16  ,1.27616,1.536,1.6128,1.3056,1.43616,2.016,2.1168,1.88512
12xlarge,2.04 ,2.142  ,1.74  ,1.91424,2.304,2.4192,1.9584,2.15424,3.024,3.1752,2.82768
16xlarge,2.72 ,2.856  ,2.32  ,2.55232,3.072,3.2256,2.6112,2.87232,4.032,4.2336,3.77024
24xlarge,4.08 ,4.284  ,      ,3.82848,4.608,4.8384,      ,4.30848,6.048,6.3504,5.65536
`;

export interface TablePrice {
  usdPerHour: number;
  /** When AWS asked it: `2026-08-26`. */
  date: string;
}

/** The prices by type, of each region. */
export function readTable(): ReadonlyMap<string, ReadonlyMap<string, TablePrice>> {
  const regions = new Map<string, Map<string, TablePrice>>();
  const add = (region: string, type: string, cell: string, date: string) => {
    if (cell === '') return;
    const prices = regions.get(region) ?? new Map<string, TablePrice>();
    regions.set(region, prices.set(type, { usdPerHour: Number(cell), date }));
  };
  for (const [type, region, cell] of cellsOf(GPU_MACHINES)) add(region, type, cell, GPU_DATE);
  for (const [type, region, cell] of cellsOf(OTHER_GPU_MACHINES)) add(region, type, cell, OTHER_DATE);
  for (const [size, family, cell] of cellsOf(CPU_MACHINES)) {
    add('us-east-1', `${family}.${size}`, cell, OTHER_DATE);
  }
  return regions;
}

/** Each cell with the head of its row and of its column. */
function cellsOf(text: string): [row: string, column: string, cell: string][] {
  const [header = [], ...rows] = text
    .trim()
    .split('\n')
    .map((line) => line.split(',').map((cell) => cell.trim()));
  return rows.flatMap((row) =>
    header
      .slice(1)
      .map((column, index): [string, string, string] => [row[0] ?? '', column, row[index + 1] ?? '']),
  );
}
