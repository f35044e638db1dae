"""What scikit-learn and trec_eval say of rankings, in the catalogue's names."""

import itertools
import math

import numpy as np
import pytrec_eval
from class_metrics import floats
from sklearn import metrics as m

# Of a query with more orders of its ties trec_eval is not asked.
MOST_ORDERS = 300


def ranking(case):
    """NDCG by scikit-learn, the rest by trec_eval: the mean over all orders of the rows that are tied."""
    truth, score, k = np.array(case["truth"]), floats(case["score"]), case["k"]
    if len(truth) == 0 or case["weight"] is not None or not np.isfinite(score).all():
        return dict.fromkeys(("ndcg", "mrr", "map", "recall", "precision"))
    queries = {}
    for row, query in enumerate(case["groups"]):
        queries.setdefault(query, []).append(row)
    # A query of one row is nothing to rank for scikit-learn; its best order is its only one.
    gains = [m.ndcg_score([truth[rows]], [score[rows]], k=k) if len(rows) > 1 else float(truth[rows[0]] > 0)
             for rows in queries.values()]
    values = {"ndcg": float(np.mean(gains))}
    orders = [orders_of(truth, score, rows) for rows in queries.values()]
    return values | by_trec_eval(orders, k) if all(orders) else values


def orders_of(truth, score, rows):
    """Which places of the query may be relevant, each order of equal scores being as likely; none if there are too many."""
    descending = sorted(rows, key=lambda row: -score[row])
    ties = [[truth[row] > 0 for row in tie] for _, tie in itertools.groupby(descending, key=lambda row: score[row])]
    if math.prod(math.comb(len(tie), sum(tie)) for tie in ties) > MOST_ORDERS:
        return []
    ways = ([[at in chosen for at in range(len(tie))] for chosen in itertools.combinations(range(len(tie)), sum(tie))]
            for tie in ties)
    return [list(itertools.chain(*parts)) for parts in itertools.product(*ways)]


def by_trec_eval(orders, k):
    relevance, run = {}, {}
    for query, ways in enumerate(orders):
        for way, order in enumerate(ways):
            relevance[f"{query} {way}"] = {f"d{at}": int(one) for at, one in enumerate(order)}
            run[f"{query} {way}"] = {f"d{at}": float(-at) for at in range(len(order))}
    found = pytrec_eval.RelevanceEvaluator(relevance, {"recip_rank", f"map_cut.{k}", f"recall.{k}", f"P.{k}"}).evaluate(run)

    def mean(of):
        return float(np.mean([np.mean([of(found[f"{query} {way}"]) for way in range(len(ways))])
                              for query, ways in enumerate(orders)]))

    return {
        "mrr": mean(lambda one: one["recip_rank"] if one["recip_rank"] * k > 1 - 1e-9 else 0.0),
        "map": mean(lambda one: one[f"map_cut_{k}"]),
        "recall": mean(lambda one: one[f"recall_{k}"]),
        "precision": mean(lambda one: one[f"P_{k}"]),
    }
