/** XGBoost, LightGBM and CatBoost: their estimators and the boosters in them, which keep their trees as bytes of their own. */
export const BOOSTING = {
  'xgboost.core': 'Booster',
  'xgboost.sklearn': 'XGBClassifier XGBModel XGBRFClassifier XGBRFRegressor XGBRanker XGBRegressor',
  'lightgbm.basic': 'Booster',
  'lightgbm.sklearn': 'LGBMClassifier LGBMModel LGBMRanker LGBMRegressor _LGBMLabelEncoder',
  'lightgbm.compat': '_LGBMLabelEncoder',
  'catboost.core': 'CatBoost CatBoostClassifier CatBoostRanker CatBoostRegressor',
  _catboost: '_CatBoost',
};
