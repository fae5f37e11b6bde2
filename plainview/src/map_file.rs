//! A column map for a sheet that is read without a case: the `map` table that
//! `plainview records --suggest-map` drafts and that `source.map` holds in a case.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use plainview_records::{MappedColumn, Table, TableMap};
use toml_edit::{DocumentMut, Item, TableLike};

use crate::files;

/// Reads a map from `path`: the keys stand at the top, under `[map]`, or under `[source.map]`.
pub(crate) fn read(path: &Path) -> Result<TableMap> {
    let text = files::read_text(path)?;
    parse(&text).with_context(|| format!("{} holds no usable map", path.display()))
}

fn parse(text: &str) -> Result<TableMap> {
    let document: DocumentMut = text.parse()?;
    let root = document.as_table() as &dyn TableLike;
    let nested = root
        .get("map")
        .or_else(|| root.get("source").and_then(|s| s.get("map")));
    let map = nested.and_then(Item::as_table_like).unwrap_or(root);
    let word = |name: &str| map.get(name).and_then(Item::as_str).map(str::to_owned);
    let table = word("table").context("`table` is missing")?;
    let Some(table) = Table::named(&table) else {
        bail!("no table is called {table}")
    };
    let header_row = map
        .get("header_row")
        .and_then(Item::as_integer)
        .unwrap_or(1);
    let columns = map
        .get("columns")
        .and_then(Item::as_table_like)
        .context("`columns` is missing")?;
    let columns = columns
        .iter()
        .map(|(name, item)| {
            Ok((
                name.to_owned(),
                column(item).with_context(|| name.to_owned())?,
            ))
        })
        .collect::<Result<_>>()?;
    Ok(TableMap {
        table,
        locale: word("locale"),
        sheet: word("sheet"),
        second: word("second"),
        header_row: u32::try_from(header_row).context("header_row")?,
        timezone: word("timezone"),
        date_format: word("date_format"),
        columns,
    })
}

fn column(item: &Item) -> Result<MappedColumn> {
    if let Some(name) = item.as_str() {
        return Ok(MappedColumn::Column {
            name: name.to_owned(),
            unit: None,
        });
    }
    let table = item
        .as_table_like()
        .context("expected a column name or a table")?;
    let word = |name: &str| table.get(name).and_then(Item::as_str).map(str::to_owned);
    match (word("column"), word("value")) {
        (Some(name), None) => Ok(MappedColumn::Column {
            name,
            unit: word("unit"),
        }),
        (None, Some(value)) => Ok(MappedColumn::Value(value)),
        _ => bail!("expected either `column` or `value`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_read_wherever_it_stands() {
        let body = "table = \"objects\"\n";
        let columns = "key = \"Object\"\nsize = { column = \"MB\", unit = \"MB\" }\nprovider = { value = \"aws\" }\n";
        for (head, at) in [
            ("", "columns"),
            ("[map]\n", "map.columns"),
            ("[source.map]\n", "source.map.columns"),
        ] {
            let map = parse(&format!("{head}{body}[{at}]\n{columns}")).expect("a map");
            assert_eq!(map.table, Table::Objects);
            assert_eq!(map.columns.len(), 3);
            assert_eq!(
                map.columns["provider"],
                MappedColumn::Value("aws".to_owned())
            );
        }
        assert!(parse("table = \"people\"\n[columns]\n").is_err());
    }
}
