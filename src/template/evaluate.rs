//! Expressions: their values are computed once for each record, before it is expanded.

use super::Template;
use super::expression::{Expression, Numbers};
use super::placeholder::Placeholder;
use crate::model::{Evaluator, Record, Refusal, Slot, Wanted};

impl Template {
    /// Whether [`Template::evaluate`] has to be called before a record is expanded.
    pub fn evaluates(&self) -> bool {
        self.evaluates
    }

    /// Whether its text is only known once perl has been asked.
    pub fn needs_perl(&self) -> bool {
        self.placeholders.iter().filter_map(Placeholder::expression).any(Expression::needs_perl)
    }

    /// Whether all is there that takes perl; the rest can be computed at any time.
    pub(super) fn is_evaluated(&self, record: &Record) -> bool {
        let values = record.values.as_deref();
        self.placeholders.iter().filter_map(|placeholder| Some((placeholder, placeholder.expression()?))).all(
            |(placeholder, expression)| {
                let known = |index| values.is_some_and(|values| values.get(expression.id(), index).is_some());
                !expression.needs_perl() || placeholder.indices(record).all(known)
            },
        )
    }

    /// Computes the values of expressions for one record, but for those that it has already.
    ///
    /// # Errors
    /// An expression that failed.
    pub fn evaluate(&self, record: &mut Record, slot: Slot, evaluator: &dyn Evaluator) -> Result<(), Refusal> {
        let mut values = record.values.take().unwrap_or_default();
        let numbers = Numbers { total: evaluator.total(), slots: evaluator.slots(), ..Numbers::of(record, slot) };
        let mut wanted = Vec::new();
        let mut result = Ok(());
        for (number, placeholder) in self.placeholders.iter().enumerate() {
            let Some(expression) = placeholder.expression() else { continue };
            let is_asked = |index: usize| {
                let mut same =
                    self.placeholders[..number].iter().filter(|other| other.expression() == Some(expression));
                same.any(|other| other.indices(record).contains(&index))
            };
            for index in placeholder.indices(record) {
                if values.get(expression.id(), index).is_some() || is_asked(index) {
                    continue;
                }
                match expression.run(record.args.get(index).unwrap_or_default(), &record.args, &numbers) {
                    Some(Ok(ran)) => {
                        values.skip |= ran.skip;
                        values.set(expression.id(), index, ran.value);
                    }
                    Some(Err(reason)) if result.is_ok() => {
                        result = Err(Refusal { reason: format!("{placeholder}: {reason}") });
                    }
                    Some(Err(_)) => {}
                    None => wanted.push(Wanted { expression: expression.id(), arg: index }),
                }
            }
        }
        if !wanted.is_empty() && result.is_ok() {
            result = evaluator.evaluate(record, slot, &wanted, &mut values);
        }
        record.values = Some(values);
        result
    }
}
