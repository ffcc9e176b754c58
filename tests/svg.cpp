#include "svg.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <memory>
#include <sstream>
#include <stdexcept>

namespace svg {

namespace {

std::string Name(const xmlNode *node)
{
    return reinterpret_cast<const char *>(node->name);
}

std::string Text(xmlChar *owned)
{
    std::string text = owned ? reinterpret_cast<const char *>(owned) : "";
    xmlFree(owned);
    return text;
}

std::string Attribute(const xmlNode *node, const char *name)
{
    return Text(xmlGetProp(node, reinterpret_cast<const xmlChar *>(name)));
}

// "translate(12.5,30) scale(2)"
Point Translation(const xmlNode *node)
{
    Point at = {};
    std::sscanf(Attribute(node, "transform").c_str(), "translate(%lf,%lf)", &at.x, &at.y);
    return at;
}

// "1,2 3,4", with letters before some of them.
std::vector<Point> Points(std::string text)
{
    std::vector<Point> points;
    for (char &c : text)
        c = c == ',' || c == 'M' || c == 'L' ? ' ' : c;
    std::istringstream in(text);
    for (Point p = {}; in >> p.x >> p.y;)
        points.push_back(p);
    return points;
}

class Reader {
  public:
    Picture picture;

    void Visit(const xmlNode *node)
    {
        for (; node; node = node->next)
            if (node->type == XML_ELEMENT_NODE)
                VisitElement(node);
    }

  private:
    // What belongs to the key's line, on whose height its text stands, is no part of the picture.
    bool InKey(Point at) const
    {
        return std::fabs(at.y - key_y_) < 15;
    }

    void VisitElement(const xmlNode *node)
    {
        if (Name(node) == "g" && Attribute(node, "id").rfind("gnuplot_plot_", 0) == 0) {
            picture.plots.emplace_back();
            key_y_ = -100;
            in_plot_ = true;
            Visit(node->children);
            in_plot_ = false;
            return;
        }
        if (Name(node) == "text")
            VisitText(node);
        if (in_plot_)
            VisitDrawing(node, &picture.plots.back());
        Visit(node->children);
    }

    void VisitText(const xmlNode *node)
    {
        std::string text = Text(xmlNodeGetContent(node));
        picture.texts.push_back(text);
        picture.labels.push_back({text, Translation(node->parent)});
        if (!in_plot_ || !picture.plots.back().title.empty())
            return;
        picture.plots.back().title = text;
        key_y_ = Translation(node->parent).y;
    }

    void VisitDrawing(const xmlNode *node, Plot *plot)
    {
        if (Name(node) == "use" && !InKey(Translation(node)))
            plot->marks.push_back(Translation(node));
        if (Name(node) == "path")
            for (Point p : Points(Attribute(node, "d")))
                if (!InKey(p))
                    plot->line.push_back(p);
        std::vector<Point> corners =
            Name(node) == "polygon" ? Points(Attribute(node, "points")) : std::vector<Point>();
        if (corners.size() != 4 || InKey(corners[0]))
            return;
        plot->tops.push_back({(corners[0].x + corners[2].x) / 2, corners[2].y});
        plot->heights.push_back(corners[0].y - corners[2].y);
    }

    bool in_plot_ = false;
    double key_y_ = -100;
};

} // namespace

Picture Read(const std::string &text)
{
    std::unique_ptr<xmlDoc, void (*)(xmlDoc *)> document(
        xmlReadMemory(text.data(), static_cast<int>(text.size()), "picture.svg", nullptr,
                      XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING),
        xmlFreeDoc);
    const xmlNode *root = document ? xmlDocGetRootElement(document.get()) : nullptr;
    if (!root || Name(root) != "svg")
        throw std::runtime_error("no SVG: " + text.substr(0, 500));
    Reader reader;
    reader.picture.width = std::stod(Attribute(root, "width"));
    reader.picture.height = std::stod(Attribute(root, "height"));
    reader.Visit(root);
    return reader.picture;
}

bool Shows(const Picture &picture, const std::string &text)
{
    return std::find(picture.texts.begin(), picture.texts.end(), text) != picture.texts.end();
}

} // namespace svg
