//! The table: every scenario, everybody in turn, medians and ratios.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::contestant::Contestant;
use crate::machine::Core;
use crate::run;
use crate::scenarios::{Act, Figure, Goal, Scenario};
use crate::table::{Table, median, number};

/// More than so many cores used by others, and the figures are worth little.
const OTHERS_MANY: f64 = 0.3;

/// All that was measured of one scenario: for each contestant and figure, a value for each round.
#[derive(Debug, Default)]
struct Measured(Vec<BTreeMap<Figure, Vec<f64>>>);

/// What was measured.
#[derive(Debug)]
pub struct Comparison {
    contestants: Vec<Contestant>,
    scenarios: Vec<(Scenario, Measured)>,
    rounds: usize,
    others: Vec<f64>,
}

/// Measures scenarios in rounds, in each of them everybody in turn. `progress` hears what comes next.
///
/// # Errors
/// If a run fails.
pub fn compare(
    scenarios: &[Scenario],
    contestants: Vec<Contestant>,
    rounds: usize,
    core: Option<Core>,
    progress: &mut dyn FnMut(&str),
) -> Result<Comparison> {
    let nothing = || Measured(vec![BTreeMap::new(); contestants.len()]);
    let mut measured: Vec<(Scenario, Measured)> =
        scenarios.iter().map(|scenario| (*scenario, nothing())).collect();
    let mut others = Vec::new();
    for round in 1..=rounds {
        for (scenario, measured) in &mut measured {
            for (contestant, figures) in contestants.iter().zip(&mut measured.0) {
                if !takes_part(contestant, scenario) {
                    continue;
                }
                let (name, who) = (scenario.name, contestant.name());
                progress(&format!("round {round} of {rounds}: {name}, {who}"));
                let outcome = run::run(contestant, scenario.act, core);
                let outcome = outcome.with_context(|| format!("{name} with {who}"))?;
                for (figure, value) in outcome.figures {
                    figures.entry(figure).or_default().push(value);
                }
                others.push(outcome.others);
            }
        }
    }
    Ok(Comparison { contestants, scenarios: measured, rounds, others })
}

/// The floor tells nobody who enters, so that a storm is nothing there.
fn takes_part(contestant: &Contestant, scenario: &Scenario) -> bool {
    *contestant != Contestant::Floor || !matches!(scenario.act, Act::Storm { .. })
}

impl Comparison {
    /// The ratio of the first contestant to the floor: the median of those within each round.
    fn ratio(&self, measured: &Measured, figure: Figure) -> Option<f64> {
        let floor = self.contestants.iter().position(|contestant| *contestant == Contestant::Floor)?;
        let (ours, floors) = (measured.0.first()?.get(&figure)?, measured.0[floor].get(&figure)?);
        let ratios: Vec<f64> = ours.iter().zip(floors).map(|(ours, floors)| ours / floors).collect();
        median(&ratios).filter(|ratio| ratio.is_finite())
    }

    fn rows(&self) -> impl Iterator<Item = (&Scenario, &Measured, Figure, Goal)> {
        let rows = self.scenarios.iter();
        rows.flat_map(|(scenario, measured)| {
            scenario.measures.iter().map(move |(figure, goal)| (scenario, measured, *figure, *goal))
        })
    }

    /// As text.
    pub fn table(&self) -> Table {
        let names = self.contestants.iter().map(Contestant::name);
        let mut table = Table::new([""].into_iter().chain(names).chain(["ratio", "goal", ""]));
        let mut last = "";
        for (scenario, measured, figure, goal) in self.rows() {
            if scenario.name != last {
                table.across(format!("{}: {}", scenario.name, scenario.tells));
                last = scenario.name;
            }
            let value = |figures: &BTreeMap<Figure, Vec<f64>>| median(figures.get(&figure)?);
            let ratio = self.ratio(measured, figure);
            let mut cells = vec![format!("  {}", figure.name())];
            cells.extend(measured.0.iter().map(|figures| {
                value(figures).map_or("–".to_owned(), |value| number(value, figure.digits()))
            }));
            let met = measured.0.first().and_then(value).and_then(|value| goal.is_met(value, ratio));
            cells.push(ratio.map_or("–".to_owned(), |ratio| number(ratio, 2)));
            cells.push(goal.to_string());
            cells.push(met.map_or("", |met| if met { "met" } else { "missed" }).to_owned());
            table.row(cells);
        }
        table
    }

    /// What a reader of the table has to know.
    pub fn note(&self) -> String {
        let (rounds, others) = (self.rounds, median(&self.others).unwrap_or_default());
        let much = if others > OTHERS_MANY { ": too much for the figures to be worth anything" } else { "" };
        format!(
            "Medians of {rounds} rounds; a ratio is the median of those to the floor within each round. \
             Every delivery was checked.\nOther programs used {others:.2} cores meanwhile{much}."
        )
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let rows = self.rows().map(|(scenario, measured, figure, goal)| {
            let of_all = self.contestants.iter().zip(&measured.0);
            let values: serde_json::Map<String, Value> = of_all
                .filter_map(|(contestant, figures)| {
                    let runs = figures.get(&figure)?;
                    Some((contestant.name().to_owned(), json!({ "median": median(runs), "runs": runs })))
                })
                .collect();
            let ratio = self.ratio(measured, figure);
            let ours = measured.0.first().and_then(|figures| median(figures.get(&figure)?));
            json!({
                "scenario": scenario.name, "figure": figure.name(), "values": values, "ratio": ratio,
                "goal": goal.to_string(), "met": ours.and_then(|ours| goal.is_met(ours, ratio)),
            })
        });
        json!({ "rounds": self.rounds, "cores_used_by_others": median(&self.others), "rows": rows.collect::<Vec<_>>() })
    }
}
