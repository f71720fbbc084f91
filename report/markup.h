// Pieces of HTML. Arguments called `html` are markup already; all others are plain text and are escaped here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace superion::report {

std::string Escape(std::string_view text);
// "Li8S4" with its numbers as subscripts, escaped.
std::string FormulaHtml(std::string_view formula);

std::string Section(std::string_view id, std::string_view title, const std::string& html);
std::string Paragraph(const std::string& html, std::string_view css_class = "");
// "Not measured: reason", set apart.
std::string Missing(std::string_view what, std::string_view reason);
std::string Card(std::string_view title, const std::string& value_html, const std::string& note_html);
// A figure with a caption below it.
std::string Figure(const std::string& svg, const std::string& caption_html);
// Side by side where the page is wide enough; `three`: three small ones in a row.
std::string Grid(const std::vector<std::string>& html, bool three = false);
std::string Details(std::string_view title, const std::string& html, bool open = false);
// A verdict in words, with a sign beside the colour.
std::string Chip(std::string_view text, bool good, std::string_view title = "");

// A table; every cell is markup. Cells of columns named in `numeric` are set to the right.
struct Table {
  std::string caption;
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
  std::vector<bool> numeric;
};
std::string Render(const Table& table);

}  // namespace superion::report
