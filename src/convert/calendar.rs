//! The proleptic Gregorian calendar of NumPy: days and months counted from 1970-01-01.

/// The number of days in 400 years.
pub(super) const ERA: i64 = 146_097;

/// The number of days from 0000-03-01 to 1970-01-01.
const EPOCH: i64 = 719_468;

/// Returns the first day of a month, counted from January 1970.
pub(crate) const fn day_of_month(months: i64) -> i128 {
    // Years start in March here, so that a leap day is the last day of its year.
    let months = months as i128 + 1970 * 12 - 2;
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12));
    let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * month + 2) / 5;
    era * ERA as i128 + year * 365 + year / 4 - year / 100 + day_of_year - EPOCH as i128
}

/// Returns the month of a day, both counted from January 1970, and the day within the month, from 0.
pub(crate) const fn month_of_day(days: i64) -> (i64, i64) {
    let era = (days.div_euclid(ERA), days.rem_euclid(ERA));
    // `EPOCH` is added to the smaller part, so that no day overflows.
    let shifted = era.1 + EPOCH;
    let (era, day) = (era.0 + shifted.div_euclid(ERA), shifted.rem_euclid(ERA));
    let year = (day - day / 1460 + day / 36524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month + 2) / 5;
    (
        (era * 400 + year) * 12 + month + 2 - 1970 * 12,
        day_of_month,
    )
}

#[cfg(test)]
mod tests {
    use super::{day_of_month, month_of_day};

    #[test]
    fn days_and_months_agree() {
        assert_eq!((day_of_month(0), month_of_day(0)), (0, (0, 0)));
        assert_eq!(day_of_month(12), 365);
        assert_eq!(month_of_day(-1), (-1, 30));
        // 2000-02-29
        assert_eq!(month_of_day(11_016), (361, 28));
        for days in (-1_000_000..1_000_000).step_by(7) {
            let (month, day) = month_of_day(days);
            assert_eq!(day_of_month(month) + i128::from(day), i128::from(days));
            assert!(i128::from(day) < day_of_month(month + 1) - day_of_month(month));
        }
        for days in [i64::MIN, i64::MAX] {
            let (month, day) = month_of_day(days);
            assert_eq!(day_of_month(month) + i128::from(day), i128::from(days));
        }
    }
}
