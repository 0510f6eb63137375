"""Metrics: arrays in, figures out. METRICS lists every statistic that a report or a scorecard may print."""

from typing import NamedTuple


class Metric(NamedTuple):
    """What a statistic is, for documentation and for the scorecard."""

    function: str
    """`module.function` below `panelsim.metrics`."""
    formula: str
    source: str
    """Where the formula comes from."""


METRICS: dict[str, Metric] = {
    "weighted_mean": Metric("bootstrap.weighted_mean", "sum w x / sum w", "elementary"),
    "simulation_interval": Metric(
        "bootstrap.interval_of", "expanded percentiles of redrawn panels", "Rao & Wu 1988; Hesterberg 2015"
    ),
    "sign_flip_p": Metric(
        "inference.sign_flip_p", "share of sign patterns with |sum| >= observed", "Phipson & Smyth 2010"
    ),
    "holm": Metric("inference.holm", "max over ranks of (m - i + 1) p_i", "Holm 1979"),
    "wilson": Metric("inference.wilson", "score interval of a share", "Wilson 1927"),
    "win_share": Metric("choice.win_shares", "(a first + a second) / 2", "elementary"),
    "tie_rate": Metric("choice.tie_rate", "share of answers at one half", "elementary"),
    "order_consistency": Metric(
        "choice.order_consistency",
        "1 - abs(share of A shown first - share of A shown second)",
        "Shi et al. 2024",
    ),
    "first_slot_bias": Metric("choice.first_slot_bias", "P(first slot) - .5", "Shi et al. 2024"),
    "bradley_terry": Metric(
        "choice.bradley_terry", "mean of 1 / (1 + exp(s_j - s_i))", "Maystre & Grossglauser 2015"
    ),
    "pooled": Metric("scale.pooled", "weighted mean of distributions", "elementary"),
    "expected_value": Metric("scale.expected_value", "sum of point times probability", "elementary"),
    "top_two": Metric("scale.top_two", "P(highest two points)", "elementary"),
    "spread": Metric("scale.spread", "sqrt(sum p (point - mean)^2)", "elementary"),
    "endpoint_share": Metric("scale.endpoint_share", "P(lowest) + P(highest)", "elementary"),
    "icc": Metric(
        "agreement.icc",
        "(MSr - MSe) / (MSr + (k-1) MSe + k/n (MSc - MSe)) and (MSr - MSe) / (MSr + (MSc - MSe) / n)",
        "McGraw & Wong 1996",
    ),
    "krippendorff_alpha": Metric("agreement.krippendorff_alpha", "1 - Do / De", "Krippendorff 2011"),
    "majority_share": Metric(
        "agreement.majority_share", "mean share of the most frequent answer", "elementary"
    ),
    "cohen_kappa": Metric("agreement.cohen_kappa", "(Po - Pe) / (1 - Pe)", "Cohen 1960"),
    "fleiss_kappa": Metric(
        "agreement.fleiss_kappa", "(mean P_i - sum p_j^2) / (1 - sum p_j^2)", "Fleiss 1971"
    ),
    "ks_similarity": Metric("distance.ks_similarity", "1 - max |F - G|", "Kolmogorov & Smirnov"),
    "ordinal_wasserstein": Metric("distance.ordinal_wasserstein", "sum |F - G| / (K - 1)", "elementary"),
    "jensen_shannon": Metric("distance.jensen_shannon", "H(M) - (H(P) + H(Q)) / 2, base 2", "Lin 1991"),
    "variance_components": Metric(
        "variance.variance_components",
        "mean squares = their expectations, solved from the bottom up",
        "Searle, Casella & McCulloch 1992",
    ),
    "swap_variance": Metric("variance.swap_variance", "(mean D^2 - 2 noise) / 2", "elementary"),
    "auc": Metric("distance.auc", "U / (n+ n-)", "Mann & Whitney 1947"),
    "crossed_components": Metric(
        "components.crossed_components",
        "var_A = sum over B containing A of (-1)^(|B|-|A|) MS_B / cells per level of A",
        "Searle, Casella & McCulloch 1992; Brennan 2001",
    ),
    "component_shares": Metric("components.component_shares", "var_A / sum of all var", "elementary"),
    "dependability": Metric(
        "components.dependability",
        "var_s / (var_s + var_ps / n_p + var_e / (n_p n_r))",
        "Cronbach et al. 1972; Brennan 2001",
    ),
    "slot_test": Metric(
        "invariance.slot_test",
        "chi^2 = sum (O - n/k)^2 / (n/k); V = sqrt(chi^2 / (n (k - 1)))",
        "Pearson 1900; Cramer 1946",
    ),
    "scale_reversal_shift": Metric(
        "invariance.scale_reversal_shift", "mean |y + y_rev - (max + min)| / width", "elementary"
    ),
    "scale_pull": Metric("invariance.scale_pull", "mean (y + y_rev - (max + min)) / (2 width)", "elementary"),
    "mean_shift": Metric("invariance.mean_shift", "mean |y_i - y_j| / width over pairs", "elementary"),
    "repeat_spread": Metric("invariance.repeat_spread", "mean SD over repeats / width", "elementary"),
    "flip_rate": Metric(
        "invariance.flip_rate", "share of pairs of repeats whose winner changes", "elementary"
    ),
    "identification": Metric(
        "identity.identification", "top-1 accuracy; p = (b + 1) / (m + 1)", "Phipson & Smyth 2010"
    ),
    "identification_of_speakers": Metric(
        "identity.identification_of_speakers",
        "top-1 accuracy; p = (b + 1) / (m + 1) over whole cards dealt anew",
        "Phipson & Smyth 2010",
    ),
    "own_card_hits": Metric(
        "identity.own_card_hits", "1 / number of nearest cards if own is one", "elementary"
    ),
    "between_within": Metric(
        "identity.between_within", "mean 1 - cosine between speakers, and within", "elementary"
    ),
    "speaker_distances": Metric(
        "identity.speaker_distances", "mean 1 - cosine of two speakers' replies", "elementary"
    ),
    "calibration_curve": Metric(
        "prediction.calibration_curve",
        "mean p and share true by quantile of p",
        "Niculescu-Mizil & Caruana 2005",
    ),
    "calibration_error": Metric(
        "prediction.calibration_error", "sum n_b |share true - mean p| / n", "Naeini et al. 2015"
    ),
    "interval_coverage": Metric("prediction.interval_coverage", "share of truths inside", "elementary"),
    "sd_ratio": Metric("prediction.sd_ratio", "SD simulated / SD human", "elementary"),
    "correlation_attainment": Metric(
        "prediction.correlation_attainment",
        "E[r(simulated, half)] / E[r(half, other half)]",
        "Maier et al. 2025, arXiv 2510.08338",
    ),
    "cronbach_alpha": Metric(
        "reliability.cronbach_alpha", "k / (k - 1) (1 - sum var_i / var_total)", "Cronbach 1951"
    ),
    "acquiescence": Metric("reliability.acquiescence", "(x + x_reversed) / 2 - midpoint", "Suhr et al. 2023"),
    "subset_sd": Metric(
        "reliability.subset_sd", "sqrt((sum var_i + k (k - 1) mean cov) / k^2)", "elementary"
    ),
    "first_component_share": Metric(
        "reliability.first_component_share", "largest eigenvalue of the correlations / k", "Pearson 1901"
    ),
    "convergent_discriminant": Metric(
        "reliability.convergent_discriminant",
        "mean r of a scale across methods; mean |r| of different scales",
        "Campbell & Fiske 1959",
    ),
    "overlap": Metric(
        "recital.overlap_of", "longest common subsequence of words / words", "ROUGE-L recall, Lin 2004"
    ),
    "slope": Metric("dose.slope_of", "sum (x - mx)(y - my) / sum (x - mx)^2", "elementary"),
    "partial_slopes": Metric("dose.partial_slopes", "b = (X'X)^-1 X'Y", "elementary"),
    "spearman": Metric("dose.spearman", "correlation of ranks", "Spearman 1904"),
    "right_side_share": Metric(
        "dose.right_side_share", "share of changes with the assigned sign, none as one half", "elementary"
    ),
    "mean_error": Metric("dose.mean_error", "mean |measured - assigned|", "elementary"),
    "whole_profile_share": Metric(
        "dose.whole_profile_share", "share of profiles with every assigned trait on its side", "elementary"
    ),
    "share_difference": Metric(
        "separation.share_difference", "p1 - p2, hybrid score interval", "Newcombe 1998"
    ),
    "odds_ratio": Metric(
        "separation.odds_ratio", "(a + .5)(d + .5) / (b + .5)(c + .5)", "Haldane 1956; Gart 1966"
    ),
    "rank_sum_p": Metric(
        "separation.rank_sum_p", "normal approximation of U with ties", "Mann & Whitney 1947"
    ),
    "levels_p": Metric(
        "separation.levels_p",
        "chi-square, Fisher's exact, or tables drawn with the same margins",
        "Cochran 1954",
    ),
    "fold_auc": Metric(
        "separation.fold_auc",
        "mean of areas; variances of placements",
        "DeLong, DeLong & Clarke-Pearson 1988",
    ),
    "fold_auc_difference": Metric(
        "separation.fold_auc_difference", "mean difference of areas, paired placements", "as fold_auc"
    ),
    "hits_in_top": Metric(
        "separation.hits_in_top", "expected hits among the highest n, ties by share", "elementary"
    ),
    "log_odds": Metric(
        "rates.log_odds", "log((c + 1/2) / (n - c + 1/2))", "Haldane 1956, Annals of Human Genetics 20"
    ),
    "gap_variance": Metric("rates.gap_variance", "(1/n_a + 1/n_b) / (r (1 - r))", "delta method"),
    "two_proportions": Metric(
        "rates.two_proportions",
        "(r_a - r_b) / sqrt(r (1 - r) (1/n_a + 1/n_b))",
        "Fleiss, Levin & Paik 2003",
    ),
    "false_discovery_q": Metric(
        "rates.false_discovery_q", "min over larger ranks of m p_(i) / i", "Benjamini & Hochberg 1995"
    ),
    "hits": Metric("forecast.hits", "1 if the likelier one won, ties half", "elementary"),
    "brier": Metric("forecast.brier", "(p - y)^2", "Brier 1950"),
    "log_loss": Metric("forecast.log_loss", "-y ln p - (1 - y) ln(1 - p)", "Good 1952"),
    "pair_auc": Metric(
        "forecast.pair_auc", "P(p of a winner > p of a loser), pairs both ways round", "Mann & Whitney 1947"
    ),
    "others_mean": Metric("shift.others_mean", "(sum - x_i) / (n - 1)", "elementary"),
    "member_distance": Metric("shift.member_distance", "sum |x_i - x_j| / (n - 1)", "Gini 1912"),
    "pull": Metric("shift.pull", "sum d m / sum d^2", "elementary"),
}
