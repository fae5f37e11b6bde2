//! Every number of METHOD 4.2-4.5 and 4.8, and of the two golden files, that these functions cover. What
//! the reference computed with the same four operations is compared bit by bit.

use plainview_weigh::statistics::{
    Stratum, adversarial, alpha_each, binomial_cdf, binomial_pmf, cp_lower, cp_upper, detect_cdf,
    hyper_cdf, hyper_lower, hyper_pmf, hyper_upper, joint_upper, min_n, power, proportional,
    q_allocated, q_nodetect, round_down6, strata_upper, ub_general, ub_zero,
};
use serde_json::Value;

fn golden(file: &str, path: &str) -> Value {
    let file: Value = serde_json::from_str(match file {
        "1" => include_str!("../data/golden_numbers.json"),
        _ => include_str!("../data/golden_numbers2.json"),
    })
    .unwrap();
    file.pointer(path)
        .unwrap_or_else(|| panic!("no {path}"))
        .clone()
}

fn real(path: &str) -> f64 {
    golden("1", path).as_f64().unwrap()
}

fn real2(path: &str) -> f64 {
    golden("2", path).as_f64().unwrap()
}

fn whole(path: &str) -> u64 {
    golden("1", path).as_u64().unwrap()
}

fn whole2(path: &str) -> u64 {
    golden("2", path).as_u64().unwrap()
}

fn list(value: &Value) -> Vec<u64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|number| number.as_u64().unwrap())
        .collect()
}

#[track_caller]
fn same_bits(ours: f64, theirs: f64) {
    assert_eq!(
        ours.to_bits(),
        theirs.to_bits(),
        "{ours:e} is not {theirs:e}"
    );
}

/// METHOD prints nine decimals.
#[track_caller]
fn prints(ours: f64, printed: &str) {
    assert_eq!(format!("{ours:.9}"), printed);
}

fn of(units: u64, examined: u64) -> Stratum {
    Stratum::new(units, examined)
}

/// The golden strata of METHOD 4.4; the last one was never looked at.
fn strata() -> [Stratum; 4] {
    [of(400, 100), of(300, 60), of(450, 90), of(50, 0)]
}

/// `Se_L` of METHOD 4.4: 38 of 40 seeds found, at 0.025.
fn se_lower() -> f64 {
    cp_lower(38, 40, 0.025)
}

#[test]
fn one_sided_bounds_of_method_4_2() {
    for (units, examined, hits, share, most) in [
        (10_000, 300, 0, "0.009936082", 97),
        (200, 59, 0, "0.049507610", 8),
        (50, 20, 0, "0.139108341", 5),
        (1_200, 300, 2, "0.020836231", 22),
    ] {
        prints(cp_upper(hits, examined, 0.05), share);
        assert_eq!(hyper_upper(hits, of(units, examined), 0.05), most);
    }
    assert_eq!(format!("{:.12}", cp_upper(0, 300, 0.05)), "0.009936081944");
    assert_eq!(hyper_lower(2, of(1_200, 300), 0.05), 2);
    assert_eq!(hyper_upper(0, of(1_200, 1_200), 0.05), 0);
    assert_eq!(hyper_upper(0, of(10, 3), 0.05), 5);
    prints(q_nodetect(of(10_000, 300), 97, 1.0), "0.051352693");
    prints(q_nodetect(of(10_000, 300), 98, 1.0), "0.049797022");
    for (hits, share) in [
        (1, "0.015714555"),
        (2, "0.020836231"),
        (3, "0.025641393"),
        (5, "0.034722244"),
    ] {
        prints(cp_upper(hits, 300, 0.05), share);
    }
}

#[test]
fn bounds_bit_by_bit() {
    same_bits(cp_upper(0, 300, 0.05), real("/A1/cp_upper"));
    assert_eq!(
        hyper_upper(0, of(10_000, 300), 0.05),
        whole("/A1/hyper_D_U")
    );
    same_bits(q_nodetect(of(10_000, 300), 97, 1.0), real("/A1/q_at_DU"));
    same_bits(q_nodetect(of(10_000, 300), 98, 1.0), real("/A1/q_at_DU+1"));
    for (units, examined, hits) in [
        (50, 20, 0),
        (200, 59, 0),
        (1_200, 300, 2),
        (1_200, 1_200, 0),
        (10, 3, 0),
        (1_000, 59, 0),
    ] {
        let at = |key: &str| format!("/A_{units}_{examined}_{hits}/{key}");
        same_bits(cp_upper(hits, examined, 0.05), real(&at("cp_upper")));
        same_bits(cp_lower(hits, examined, 0.05), real(&at("cp_lower")));
        assert_eq!(
            hyper_upper(hits, of(units, examined), 0.05),
            whole(&at("D_U"))
        );
        assert_eq!(
            hyper_lower(hits, of(units, examined), 0.05),
            whole(&at("D_L"))
        );
    }
    for hits in [0, 1, 2, 3, 5] {
        same_bits(
            cp_lower(hits, 300, 0.05),
            real(&format!("/CP_300_{hits}/0")),
        );
        same_bits(
            cp_upper(hits, 300, 0.05),
            real(&format!("/CP_300_{hits}/1")),
        );
    }
}

#[test]
fn planning_of_method_4_2() {
    assert_eq!(
        min_n(1_200, 12, 1.0, 0.95),
        Some(whole("/min_n_hyper_1200_12"))
    );
    assert_eq!(
        min_n(1_200, 12, 0.8, 0.95),
        Some(whole("/min_n_hyper_1200_12_se.8"))
    );
    assert_eq!(
        min_n(1_200, 1, 1.0, 0.95),
        Some(whole("/min_n_hyper_1200_1"))
    );
    assert_eq!(min_n(1_200, 1, 0.9, 0.95), None);
    assert!(golden("1", "/min_n_hyper_1200_1_se.9").is_null());
    assert_eq!(
        [264, 331, 1_140],
        [(12, 1.0), (12, 0.8), (1, 1.0)].map(|(d, se)| min_n(1_200, d, se, 0.95).unwrap())
    );
    let first = (1..1_000).find(|&n| 1.0 - binomial_cdf(0, n, 0.01) >= 0.95);
    assert_eq!(first, Some(whole("/min_n_binom_p1pct")));
}

#[test]
fn sensitivity_from_seeds_of_method_4_3() {
    for (seeds, found, at_05, at_025) in [
        (40, 38, "0.850848039", "0.830803136"),
        (40, 40, "0.927842475", "0.911902697"),
        (20, 20, "0.860891659", "0.831566529"),
        (10, 9, "0.605836698", "0.554983883"),
    ] {
        prints(cp_lower(found, seeds, 0.05), at_05);
        prints(cp_lower(found, seeds, 0.025), at_025);
    }
    for (seeds, found) in [(40, 38), (40, 40), (20, 20), (40, 39), (10, 9)] {
        let at = |key: &str| format!("/SE_{seeds}_{found}/{key}");
        same_bits(cp_lower(found, seeds, 0.05), real(&at("L95")));
        same_bits(cp_lower(found, seeds, 0.025), real(&at("L97.5")));
    }
    for (alpha, key) in [(0.05, "0.05"), (0.025, "0.025")] {
        let seeds = (1..2_000)
            .find(|&m| 1.0 - cp_lower(m, m, alpha) <= alpha)
            .unwrap();
        let at = |part: &str| format!("/seeds_for_literal_none_{key}/{part}");
        assert_eq!(seeds, whole2(&at("m")));
        same_bits(cp_lower(seeds, seeds, alpha), real2(&at("SeL")));
        same_bits(cp_lower(seeds - 1, seeds - 1, alpha), real2(&at("SeL_m-1")));
    }
    same_bits(se_lower(), real("/COMB/seL"));
}

#[test]
fn finding_nothing_of_method_4_4() {
    // The documented call of the R package FFD.
    same_bits(q_nodetect(of(3_000, 1_387), 6, 0.85), real("/FFD/q"));
    assert_eq!(
        format!("{:.12}", q_nodetect(of(3_000, 1_387), 6, 0.85)),
        "0.049904998036"
    );
    same_bits(
        power(of(1_200, 300), 12, 1.0),
        real("/COMB/power_D12_perfect"),
    );
    same_bits(
        power(of(1_200, 300), 12, se_lower()),
        real("/COMB/power_D12"),
    );
    prints(power(of(1_200, 300), 12, se_lower()), "0.939505113");
    assert_eq!(
        ub_zero(of(1_200, 300), se_lower(), 0.025),
        whole("/COMB/ub")
    );
    assert_eq!(
        ub_zero(of(1_200, 300), 1.0, 0.05),
        whole("/COMB/ub_perfect")
    );
    // A census with an imperfect test.
    let census = of(1_200, 1_200);
    assert_eq!(
        ub_zero(census, se_lower(), 0.025),
        whole2("/census_1200_se.8308/D_U")
    );
    for (positives, key) in [(1, "q1"), (2, "q2")] {
        let theirs = real2(&format!("/census_1200_se.8308/{key}"));
        same_bits(q_nodetect(census, positives, se_lower()), theirs);
    }
    // The golden value for three is a power, not a product in our order.
    let third = q_nodetect(census, 3, se_lower());
    assert!((third - real2("/census_1200_se.8308/q3")).abs() < 1e-15);
}

#[test]
fn strata_of_method_4_4() {
    let (all, reviewed) = (strata(), &strata()[..3]);
    let spread = proportional(&all, 12);
    assert_eq!(spread, list(&golden("1", "/STRAT/prop_alloc")));
    same_bits(
        1.0 - q_allocated(&all, &spread, se_lower()),
        real("/STRAT/power_prop"),
    );

    let hidden = adversarial(&all, 12, se_lower());
    assert_eq!(hidden.positives, list(&golden("1", "/STRAT/adv_alloc")));
    same_bits(hidden.power(), real("/STRAT/power_adv"));
    let hidden = adversarial(reviewed, 12, se_lower());
    assert_eq!(
        hidden.positives,
        list(&golden("1", "/STRAT/adv_alloc_excl_withheld"))
    );
    same_bits(hidden.power(), real("/STRAT/power_adv_excl"));
    assert_eq!(round_down6(hidden.power()), "0.888462");

    for (key, strata, se, alpha) in [
        ("joint_reviewed", reviewed, 1.0, 0.05),
        ("joint_all", &all[..], 1.0, 0.05),
        ("joint_reviewed_seL_.025", reviewed, se_lower(), 0.025),
    ] {
        let bound = joint_upper(strata, se, alpha);
        assert_eq!(bound.total(), whole(&format!("/STRAT_UB/{key}/0")), "{key}");
        assert_eq!(
            bound.positives,
            list(&golden("1", &format!("/STRAT_UB/{key}/1"))),
            "{key}"
        );
    }
    let separate: Vec<u64> = reviewed.iter().map(|&s| ub_zero(s, 1.0, 0.05)).collect();
    assert_eq!(separate, list(&golden("1", "/STRAT_UB/separate")));
}

#[test]
fn end_to_end_of_method_4_4() {
    let (all, reviewed) = (strata(), &strata()[..3]);
    same_bits(se_lower(), real2("/E2E/seL"));
    let reachable = joint_upper(reviewed, se_lower(), 0.025);
    assert_eq!(reachable.total(), whole2("/E2E/UB_reachable"));
    assert_eq!(reachable.positives, list(&golden("2", "/E2E/alloc")));
    same_bits(
        q_allocated(reviewed, &reachable.positives, se_lower()),
        real2("/E2E/q_at_UB"),
    );
    let stated = joint_upper(&all, se_lower(), 0.025).total();
    assert_eq!(stated, whole2("/E2E/UB_stated"));
    assert_eq!(stated, 70);
    same_bits(
        adversarial(reviewed, 12, se_lower()).power(),
        real2("/E2E/power_adv_reach_D12"),
    );
    same_bits(
        adversarial(&all, 12, se_lower()).power(),
        real2("/E2E/power_adv_all_D12"),
    );
}

#[test]
fn hits_in_strata_of_method_4_4() {
    let with = |hits: [u64; 3]| -> Vec<(Stratum, u64)> { strata().into_iter().zip(hits).collect() };
    same_bits(alpha_each(0.05, 3), real2("/STRAT_HITS/per_stratum_alpha"));
    let bounds = strata_upper(&with([1, 0, 2]), 0.05);
    assert_eq!(bounds, list(&golden("2", "/STRAT_HITS/per")));
    assert_eq!(bounds.iter().sum::<u64>(), whole2("/STRAT_HITS/sum"));
    let none = strata_upper(&with([0, 0, 0]), 0.05);
    assert_eq!(none, list(&golden("2", "/STRAT_ZERO_BONF/per")));
    assert_eq!(none.iter().sum::<u64>(), whole2("/STRAT_ZERO_BONF/sum"));
    assert_eq!(
        joint_upper(&strata()[..3], 1.0, 0.05).total(),
        whole2("/STRAT_ZERO_BONF/joint")
    );
}

#[test]
fn plan_over_strata_of_method_4_4() {
    let drawn = |permille: u64| -> Vec<Stratum> {
        let units = strata().into_iter().take(3).map(|stratum| stratum.units);
        units
            .map(|units| of(units, (units * permille).div_ceil(1_000)))
            .collect()
    };
    let enough = |&permille: &u64| adversarial(&drawn(permille), 12, se_lower()).power() >= 0.95;
    let permille = (150..500).find(enough).unwrap();
    assert_eq!(permille, whole2("/PLAN/permille"));
    let plan = drawn(permille);
    for (at, stratum) in plan.iter().enumerate() {
        let theirs = list(&golden("2", &format!("/PLAN/alloc/{at}")));
        assert_eq!([stratum.units, stratum.examined].as_slice(), theirs);
    }
    assert_eq!(
        plan.iter().map(|stratum| stratum.examined).sum::<u64>(),
        whole2("/PLAN/n")
    );
    same_bits(
        adversarial(&plan, 12, se_lower()).power(),
        real2("/PLAN/power"),
    );
}

#[test]
fn unexaminable_units_of_method_4_5() {
    assert_eq!(
        hyper_upper(0, of(1_200, 300), 0.05),
        whole("/ISA/D_U_naive")
    );
    assert_eq!(hyper_upper(0, of(1_200, 294), 0.05), whole("/ISA/D_U_drop"));
    assert_eq!(hyper_upper(6, of(1_200, 300), 0.05), whole("/ISA/D_U_isa"));
    assert_eq!(whole("/ISA/D_U_isa"), 43);
}

#[test]
fn elusion_bounds_of_method_4_6() {
    same_bits(cp_upper(5, 1_534, 0.025), real("/ELU/eU"));
    same_bits(cp_lower(5, 1_534, 0.025), real("/ELU/eL"));
    let pile = of(92_000, 1_534);
    let missed = [hyper_lower(5, pile, 0.025), hyper_upper(5, pile, 0.025)];
    assert_eq!(missed.as_slice(), list(&golden("1", "/ELU/hyper_missed")));
    assert_eq!(
        hyper_upper(0, of(10_000, 300), 0.05),
        whole("/ELU0/missed_U")
    );
    let first = (100..20_000)
        .find(|&n| hyper_upper(0, of(92_000, n), 0.05) <= 421)
        .unwrap();
    assert_eq!(first, whole2("/ELU_N/n"));
    assert_eq!(
        hyper_upper(0, of(92_000, first), 0.05),
        whole2("/ELU_N/D_U")
    );
}

/// METHOD 4.7 without taints: the Stringer bound is the measure times the bound on the share.
#[test]
fn stringer_without_taints_of_method_4_7() {
    same_bits(1_000.0 * cp_upper(0, 100, 0.05), real("/STR0"));
}

#[test]
fn several_claims_of_method_4_8() {
    same_bits(alpha_each(0.05, 5), real("/BONF/each"));
    assert_eq!(
        hyper_upper(0, of(1_200, 300), alpha_each(0.05, 5)),
        whole("/BONF/D_U")
    );
    assert_eq!(hyper_upper(0, of(1_200, 300), 0.05), 10);
}

/// Sixty random rows that the reference `det.py` computed; reals are compared bit by bit.
#[test]
fn random_rows_of_the_reference() {
    let rows: Vec<Value> =
        serde_json::from_str(include_str!("../data/statistics_vectors.json")).unwrap();
    assert_eq!(rows.len(), 60);
    for row in &rows {
        let whole = |key: &str| row[key].as_u64().unwrap();
        let real = |key: &str| row[key].as_f64().unwrap();
        let stratum = of(whole("units"), whole("examined"));
        let (d, x, n) = (whole("positives"), whole("hits"), stratum.examined);
        let (se, alpha) = (real("se"), real("alpha"));
        same_bits(q_nodetect(stratum, d, se), real("q_nodetect"));
        same_bits(hyper_cdf(x, stratum, d), real("hyper_cdf"));
        same_bits(binomial_cdf(x, n, se), real("binomial_cdf"));
        same_bits(cp_upper(x, n, alpha), real("cp_upper"));
        same_bits(cp_lower(x, n, alpha), real("cp_lower"));
        assert_eq!(
            hyper_upper(x, stratum, alpha),
            whole("hyper_upper"),
            "{row}"
        );
        assert_eq!(
            hyper_lower(x, stratum, alpha),
            whole("hyper_lower"),
            "{row}"
        );
        assert_eq!(ub_zero(stratum, se, alpha), whole("ub_zero"), "{row}");
        if row.get("detect_cdf").is_some() {
            same_bits(detect_cdf(x, stratum, d, se), real("detect_cdf"));
            assert_eq!(
                ub_general(x, stratum, se, alpha),
                whole("ub_general"),
                "{row}"
            );
            assert_eq!(
                min_n(stratum.units, d, se, 0.95),
                row["min_n"].as_u64(),
                "{row}"
            );
        }
        let strata: Vec<Stratum> = row["strata"]
            .as_array()
            .unwrap()
            .iter()
            .map(|pair| of(pair[0].as_u64().unwrap(), pair[1].as_u64().unwrap()))
            .collect();
        let hidden = adversarial(&strata, whole("hidden"), se);
        same_bits(hidden.q, real("adversarial_q"));
        assert_eq!(hidden.positives, list(&row["adversarial"]), "{row}");
        let bound = joint_upper(&strata, se, alpha);
        assert_eq!(bound.positives, list(&row["joint_upper"]), "{row}");
    }
}

/// METHOD 18, cases 2, 3 and 4, and empty strata.
#[test]
fn edges() {
    assert_eq!(hyper_upper(0, of(40, 0), 0.05), 40);
    assert_eq!(ub_zero(of(40, 0), 0.9, 0.05), 40);
    same_bits(power(of(40, 0), 7, 1.0), 0.0);
    same_bits(cp_upper(9, 9, 0.05), 1.0);
    same_bits(cp_upper(0, 0, 0.05), 1.0);
    same_bits(cp_lower(0, 9, 0.05), 0.0);
    same_bits(power(of(40, 10), 99, 0.5), power(of(40, 10), 40, 0.5));
    assert_eq!(hyper_upper(5, of(5, 5), 0.05), 5);
    assert_eq!(hyper_upper(0, of(0, 0), 0.05), 0);
    assert_eq!(hyper_upper(0, of(10, 99), 0.05), 0);
    assert_eq!(min_n(0, 1, 1.0, 0.95), None);
    assert_eq!(proportional(&[], 5), Vec::<u64>::new());
    assert_eq!(adversarial(&[of(2, 1)], 5, 1.0).total(), 2);
    assert_eq!(joint_upper(&[of(3, 0), of(2, 0)], 1.0, 0.05).total(), 5);
    // A chance of exactly alpha is not above it.
    assert_eq!(joint_upper(&[of(2, 1)], 1.0, 0.5).total(), 0);
    assert_eq!(ub_zero(of(2, 1), 1.0, 0.5), 0);
    // A test that sees nothing bounds nothing, however many are examined.
    assert_eq!(ub_zero(of(30, 30), 0.0, 0.05), 30);
}

/// Probabilities by counting: every way to draw 4 of 9 units, 3 of them positive.
#[test]
fn hypergeometric_by_counting() {
    let draws: Vec<u32> = (0_u32..512)
        .filter(|drawn| drawn.count_ones() == 4)
        .collect();
    let pmf = hyper_pmf(of(9, 4), 3);
    assert_eq!((pmf.least, pmf.first, pmf.terms.len()), (0, 0, 4));
    for (hits, term) in (0..).zip(&pmf.terms) {
        let ways = draws
            .iter()
            .filter(|&drawn| (drawn & 0b111).count_ones() == hits)
            .count();
        let share = f64::from(u32::try_from(ways).unwrap())
            / f64::from(u32::try_from(draws.len()).unwrap());
        assert!(
            (term - share).abs() < 1e-15,
            "{hits}: {term} is not {share}"
        );
    }
    same_bits(hyper_cdf(9, of(9, 4), 3), hyper_cdf(3, of(9, 4), 3));
}

/// Sure outcomes, and a general bound that agrees with the special ones.
#[test]
fn special_cases_agree() {
    assert_eq!(binomial_pmf(5, 0.0).first, 0);
    assert_eq!(binomial_pmf(5, 1.0).first, 5);
    same_bits(binomial_cdf(4, 5, 1.0), 0.0);
    same_bits(binomial_cdf(5, 5, 0.3), 1.0);
    for (units, examined) in [(60, 20), (120, 45), (33, 33)] {
        for se in [0.6, 0.85, 1.0] {
            let stratum = of(units, examined);
            assert_eq!(ub_general(0, stratum, se, 0.05), ub_zero(stratum, se, 0.05));
            assert_eq!(
                joint_upper(&[stratum], se, 0.05).total(),
                ub_zero(stratum, se, 0.05)
            );
        }
        let stratum = of(units, examined);
        assert_eq!(
            ub_general(2, stratum, 1.0, 0.05),
            hyper_upper(2, stratum, 0.05)
        );
        let cdf = detect_cdf(1, stratum, 6, 1.0);
        assert!((cdf - hyper_cdf(1, stratum, 6)).abs() < 1e-15);
    }
}

/// METHOD 4.4: the greedy layout is the worst of all layouts.
#[test]
fn greedy_hiding_is_the_worst_of_all_layouts() {
    let strata = [of(6, 3), of(4, 0), of(7, 5)];
    for se in [0.5, 0.8, 1.0] {
        for positives in 1..=17 {
            let mut worst: f64 = 0.0;
            for first in 0..=6.min(positives) {
                for second in 0..=4.min(positives - first) {
                    let third = positives - first - second;
                    if third <= 7 {
                        worst = worst.max(q_allocated(&strata, &[first, second, third], se));
                    }
                }
            }
            let greedy = adversarial(&strata, positives, se).q;
            assert!(
                (greedy - worst).abs() < 1e-12,
                "{positives} at {se}: {greedy}, {worst}"
            );
        }
    }
}
