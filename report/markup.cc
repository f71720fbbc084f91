#include "report/markup.h"

#include "fmt/format.h"

namespace superion::report {

std::string Escape(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? ' ' : c;
    }
  }
  return escaped;
}

std::string FormulaHtml(std::string_view formula) {
  std::string html;
  bool lowered = false;
  for (const char c : formula) {
    const bool digit = c >= '0' && c <= '9';
    if (digit != lowered) html += digit ? "<sub>" : "</sub>";
    lowered = digit;
    html += Escape(std::string_view(&c, 1));
  }
  return html + (lowered ? "</sub>" : "");
}

std::string Section(std::string_view id, std::string_view title, const std::string& html) {
  return fmt::format("<section id=\"{}\"><h2>{}</h2>\n{}</section>\n", Escape(id), Escape(title), html);
}

std::string Paragraph(const std::string& html, std::string_view css_class) {
  if (css_class.empty()) return fmt::format("<p>{}</p>\n", html);
  return fmt::format("<p class=\"{}\">{}</p>\n", css_class, html);
}

std::string Missing(std::string_view what, std::string_view reason) {
  return fmt::format("<p class=\"missing\"><b>{}</b> not measured: {}.</p>\n", Escape(what), Escape(reason));
}

std::string Card(std::string_view title, const std::string& value_html, const std::string& note_html) {
  return fmt::format(
      "<div class=\"card\"><h3>{}</h3><div class=\"value\">{}</div><div class=\"note\">{}</div></div>\n",
      Escape(title), value_html, note_html);
}

std::string Figure(const std::string& svg, const std::string& caption_html) {
  return fmt::format("<figure>{}<figcaption>{}</figcaption></figure>\n", svg, caption_html);
}

std::string Grid(const std::vector<std::string>& html, bool three) {
  std::string grid = three ? "<div class=\"grid three\">" : "<div class=\"grid\">";
  for (const std::string& piece : html) grid += piece;
  return grid + "</div>\n";
}

std::string Details(std::string_view title, const std::string& html, bool open) {
  return fmt::format("<details{}><summary>{}</summary>\n{}</details>\n", open ? " open" : "", Escape(title),
                     html);
}

std::string Chip(std::string_view text, bool good, std::string_view title) {
  return fmt::format("<span class=\"chip {}\" title=\"{}\">{} {}</span>", good ? "good" : "open",
                     Escape(title), good ? "✓" : "▲", Escape(text));
}

std::string Render(const Table& table) {
  const auto cell = [&table](const char* tag, size_t column, const std::string& html) {
    const bool right = column < table.numeric.size() && table.numeric[column];
    return fmt::format("<{0}{1}>{2}</{0}>", tag, right ? " class=\"n\"" : "", html);
  };
  std::string html = "<div class=\"scroll\"><table>";
  if (!table.caption.empty()) html += "<caption>" + table.caption + "</caption>";
  html += "<thead><tr>";
  for (size_t c = 0; c < table.header.size(); ++c) html += cell("th", c, table.header[c]);
  html += "</tr></thead><tbody>\n";
  for (const auto& row : table.rows) {
    html += "<tr>";
    for (size_t c = 0; c < row.size(); ++c) html += cell("td", c, row[c]);
    html += "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

}  // namespace superion::report
